import { AudioLines, ChevronDown } from "lucide-react";
import { Popover } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { auditioner } from "./audition";

/** Where a focused field would cover half of the voices with a keyboard. */
const hasKeyboardOnScreen = () => globalThis.matchMedia("(pointer: coarse)").matches;

interface VoicePopoverProps {
  /** What is chosen now. */
  shown: ReactNode;
  /** The same, read out. */
  label: string;
  /** What it is opened for. */
  title: string;
  className?: string;
  /** To be had by a label; read out instead of the button's own words. */
  id?: string;
  children: ReactNode;
}

/** A button that shows a voice and opens to choose another one; auditions end with it. */
export function VoicePopover({ shown, label, title, className, id, children }: VoicePopoverProps) {
  return (
    <Popover.Root onOpenChange={(isOpen) => isOpen || auditioner.stop()}>
      <Popover.Trigger asChild>
        <Button look="outline" className={classes("min-w-0 shrink", className)} aria-label={label} id={id}>
          <AudioLines aria-hidden />
          {shown}
          <ChevronDown aria-hidden />
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={title}
          align="end"
          sideOffset={6}
          collisionPadding={16}
          onOpenAutoFocus={(event) => {
            if (!hasKeyboardOnScreen()) return;
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
          className="z-30 flex max-h-[min(36rem,var(--radix-popover-content-available-height))] w-[min(24rem,calc(100vw-2rem))] flex-col gap-3 rounded-xl border bg-card p-4 shadow-xl"
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
