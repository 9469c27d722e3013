import { Check, type LucideIcon } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ComponentProps, ReactElement, ReactNode } from "react";
import { classes } from "./classes";

/** A menu that opens from its trigger. */
export function Menu({ trigger, children }: { trigger: ReactElement; children: ReactNode }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-50 min-w-44 rounded-lg border bg-card p-1 shadow-lg"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const ITEM =
  "flex min-h-9 cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none data-disabled:opacity-50 data-highlighted:bg-accent data-highlighted:text-accent-foreground [&_svg]:size-4";

interface MenuItemProps extends ComponentProps<typeof DropdownMenu.Item> {
  isDangerous?: boolean;
}

export function MenuItem({ isDangerous = false, className, ...props }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      className={classes(
        ITEM,
        isDangerous && "text-bad data-highlighted:bg-bad-ground data-highlighted:text-bad",
        className,
      )}
      {...props}
    />
  );
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="my-1 h-px bg-border" />;
}

interface MenuChoiceProps<Value extends string> {
  /** What is chosen; read out. */
  label: string;
  value: Value;
  choices: readonly { value: Value; name: string; icon: LucideIcon }[];
  onChange: (value: Value) => void;
}

/** One of several. */
export function MenuChoice<Value extends string>({
  label,
  value,
  choices,
  onChange,
}: MenuChoiceProps<Value>) {
  return (
    <DropdownMenu.RadioGroup
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next as Value)}
    >
      {choices.map(({ value: choice, name, icon: Icon }) => (
        <DropdownMenu.RadioItem key={choice} value={choice} className={ITEM}>
          <Icon aria-hidden />
          {name}
          <DropdownMenu.ItemIndicator className="ml-auto">
            <Check aria-hidden />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}
