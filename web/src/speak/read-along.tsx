/** A text whose words are marked as they are heard; who clicks one hears it from there. */
import { memo, type MouseEvent, useEffect, useMemo, useRef } from "react";
import type { TimedWord } from "@/api/transcriptions";
import { type Clip, clipPlayer, useClip } from "@/sound/clip-player";
import { indexAt, partsOf } from "@/transcribe/spoken-text";
import { classes } from "@/ui/classes";

interface ReadAlongProps {
  clip: Clip;
  text: string;
  /** In the order of the text; empty as long as nobody knows when they are heard. */
  words: readonly TimedWord[];
  className?: string;
}

export function ReadAlong({ clip, text, words, className }: ReadAlongProps) {
  const parts = useMemo(() => partsOf({ text, words, start: 0, end: 0 }), [text, words]);
  const timed = useMemo(() => parts.flatMap(({ word }) => (word ? [word] : [])), [parts]);
  const current = useClip(({ clipId, time }) =>
    clipId === clip.id && time > 0 ? timed[indexAt(timed, time)] : undefined,
  );
  const paragraph = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    paragraph.current?.querySelector("[data-current]")?.scrollIntoView({ block: "nearest" });
  }, [current]);

  const playFrom = ({ target }: MouseEvent) => {
    const start = target instanceof HTMLElement ? target.dataset.start : undefined;
    if (start === undefined || !document.getSelection()?.isCollapsed) return;
    clipPlayer.seek(clip, Number(start));
    clipPlayer.play(clip);
  };
  return (
    <p
      ref={paragraph}
      dir="auto"
      onClick={playFrom}
      className={classes("font-serif leading-relaxed wrap-anywhere whitespace-pre-wrap", className)}
    >
      {parts.map(({ text: written, word }, place) =>
        word ? <Word key={place} text={written} start={word.start} isCurrent={word === current} /> : written,
      )}
    </p>
  );
}

interface WordProps {
  text: string;
  start: number;
  isCurrent: boolean;
}

const Word = memo(function Word({ text, start, isCurrent }: WordProps) {
  return (
    <span
      data-start={start}
      data-current={isCurrent || undefined}
      className={classes("cursor-pointer rounded-xs", isCurrent && "bg-primary text-primary-foreground")}
    >
      {text}
    </span>
  );
});
