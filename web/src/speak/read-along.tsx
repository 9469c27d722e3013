/** A text whose words are marked as they are heard; who clicks one hears it from there. */
import { memo, type MouseEvent, useEffect, useMemo, useRef } from "react";
import type { TimedWord } from "@/api/transcriptions";
import { type Clip, clipPlayer, useClip } from "@/sound/clip-player";
import { indexAt, partsOf } from "@/transcribe/spoken-text";
import { classes } from "@/ui/classes";

interface ReadAlongProps {
  clip: Clip;
  /** What it is, read out. */
  label: string;
  text: string;
  /** In the order of the text; empty as long as nobody knows when they are heard. */
  words: readonly TimedWord[];
  className?: string;
}

/** A box of its own: what is heard scrolls in it, and leaves the page where it is. */
export function ReadAlong({ clip, label, text, words, className }: ReadAlongProps) {
  const parts = useMemo(() => partsOf({ text, words, start: 0, end: 0 }), [text, words]);
  const timed = useMemo(() => parts.flatMap(({ word }) => (word ? [word] : [])), [parts]);
  const current = useClip(({ clipId, time }) =>
    clipId === clip.id && time > 0 ? timed[indexAt(timed, time)] : undefined,
  );
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current && current) showIn(box.current, box.current.querySelector("[data-current]"));
  }, [current]);

  const playFrom = ({ target }: MouseEvent) => {
    const start = target instanceof HTMLElement ? target.dataset.start : undefined;
    if (start === undefined || !document.getSelection()?.isCollapsed) return;
    clipPlayer.seek(clip, Number(start));
    clipPlayer.play(clip);
  };
  return (
    <div
      ref={box}
      role="region"
      aria-label={label}
      tabIndex={0}
      className={classes("relative overflow-y-auto rounded-md", className)}
    >
      <p
        dir="auto"
        onClick={playFrom}
        className="font-serif leading-relaxed wrap-anywhere whitespace-pre-wrap"
      >
        {parts.map(({ text: written, word }, place) =>
          word ? (
            <Word key={place} text={written} start={word.start} isCurrent={word === current} />
          ) : (
            written
          ),
        )}
      </p>
    </div>
  );
}

/** Scrolls no further than it has to. */
function showIn(box: HTMLElement, word: Element | null): void {
  if (!(word instanceof HTMLElement)) return;
  const bottom = word.offsetTop + word.offsetHeight;
  if (word.offsetTop < box.scrollTop) box.scrollTop = word.offsetTop;
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
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
