import { GripVertical } from "lucide-react";
import { type ClipboardEvent, type HTMLAttributes, memo, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/client";
import { useAudioState } from "@/narrate/player/audio-state";
import { usePlayer } from "@/narrate/player/player";
import { SegmentAudio } from "@/narrate/player/segment-audio";
import { StatusBadge } from "@/narrate/player/status-badge";
import { classes } from "@/ui/classes";
import { AutosavedText } from "./autosaved-text";
import { useImageDrop } from "./image-drop";
import { ImagePrompt } from "./image-prompt";
import { ImageZone } from "./image-zone";
import { LockToggle } from "./lock-toggle";
import { askWhereTo } from "./move-dialog";
import { arrived, setCurrent, usePlace } from "./place";
import { SegmentMenu } from "./segment-menu";
import { TextNotes } from "./text-notes";
import { fileOf, useSegmentImage } from "./use-segment-image";

interface SegmentCardProps {
  segment: Segment;
  /** As the page counts, from 1. */
  number: number;
  /** What makes its grip one: the row can be dragged by it. */
  setGrip: (grip: HTMLElement | null) => void;
  onGrip: HTMLAttributes<HTMLElement> | undefined;
}

/** All of one segment. Rendered anew only when the segment itself, its number or what it shows changes. */
export const SegmentCard = memo(function SegmentCard({
  segment,
  number,

  setGrip,
  onGrip,
}: SegmentCardProps) {
  const { t } = useTranslation();
  const image = useSegmentImage(segment);
  const drop = useImageDrop(image.upload);
  const { card, isCurrent, isReachable } = usePlaceOf(segment.id, number);
  const isPlayed = usePlayer((state) => state.isPlayingAll && state.segmentId === segment.id);
  const textId = useId();

  const onPaste = (event: ClipboardEvent) => {
    const file = fileOf(event.clipboardData);
    if (!file || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    image.upload(file);
  };

  return (
    <article
      ref={card}
      data-card={segment.id}
      tabIndex={isReachable ? 0 : -1}
      aria-label={t("narrate.segment.name", { number })}
      aria-current={isCurrent ? "true" : undefined}
      onFocus={() => setCurrent(segment.id)}
      onPaste={onPaste}
      {...drop.listeners}
      className={classes(
        "group/card relative scroll-my-4 rounded-xl border bg-card shadow-xs transition-[border-color,box-shadow]",
        isCurrent && "border-ring/60 shadow-sm",
        isPlayed && "border-primary ring-2 ring-primary/40",
        segment.is_locked && "bg-muted/40",
      )}
    >
      <GeneratingFrame segment={segment} />
      <header className="flex items-center gap-1.5 px-2 pt-2 sm:px-3">
        <button
          type="button"
          ref={setGrip}
          {...onGrip}
          aria-label={t("narrate.move.handle", { number })}
          onClick={() => askWhereTo(segment.id)}
          className="flex h-8 cursor-grab touch-none items-center gap-0.5 rounded-md pr-2 text-sm font-semibold text-muted-foreground tabular-nums hover:bg-accent hover:text-accent-foreground active:cursor-grabbing"
        >
          <GripVertical aria-hidden className="size-4 opacity-60" />
          {number}
        </button>
        <StatusBadge segment={segment} />
        <span className="grow" />
        <LockToggle segment={segment} />
        <SegmentMenu segment={segment} number={number} />
      </header>
      <div className="grid gap-x-5 gap-y-3 px-3 pb-3 sm:grid-cols-[minmax(0,1fr)_9.5rem] sm:px-5 sm:pb-4">
        <div className="flex min-w-0 flex-col">
          <AutosavedText
            segment={segment}
            field="text_content"
            label={t("narrate.segment.text", { number })}
            placeholder={t("narrate.segment.placeholder")}
            describedBy={textId}
            className="-mx-2 w-[calc(100%+1rem)] font-serif text-[1.0625rem] leading-7"
          />
          <TextNotes id={textId} segment={segment} />
          <div className="mt-1">
            <SegmentAudio segment={segment} />
          </div>
          <ImagePrompt segment={segment} number={number} />
        </div>
        <ImageZone segment={segment} number={number} image={image} isOver={drop.isOver} />
      </div>
    </article>
  );
});

/** Whether the card is where the person is; focuses it, or its text, once that is asked for. */
function usePlaceOf(id: string, number: number) {
  const card = useRef<HTMLElement>(null);
  const isCurrent = usePlace(({ currentId }) => currentId === id);
  const isReachable = usePlace(({ currentId }) => (currentId === null ? number === 1 : currentId === id));
  const part = usePlace(({ wanted }) => (wanted?.id === id ? wanted.part : null));

  useEffect(() => {
    if (part === null) return;
    const text = card.current?.querySelector<HTMLTextAreaElement>("[data-field=text_content]");
    if (part === "card") card.current?.focus({ preventScroll: true });
    else if (text) write(text);
    arrived();
  }, [part]);
  return { card, isCurrent, isReachable };
}

/** Where the writing went on last, else at the end. */
function write(text: HTMLTextAreaElement): void {
  text.focus({ preventScroll: true });
  if (text.selectionEnd === 0) text.setSelectionRange(text.value.length, text.value.length);
}

/** A border that pulses softly while the segment is being spoken. */
function GeneratingFrame({ segment }: { segment: Segment }) {
  const state = useAudioState(segment);
  if (state !== "generating") return null;
  return (
    <span
      aria-hidden
      className="pointer-events-none absolute -inset-px animate-pulse rounded-[inherit] border-2 border-busy"
    />
  );
}
