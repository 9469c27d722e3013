/**
 * What was said, a paragraph for each segment. Who clicks a word hears it; by keyboard the arrows walk the times
 * in front of the segments, of which one is a stop of Tab.
 */
import {
  type KeyboardEvent,
  memo,
  type MouseEvent,
  type RefObject,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import type { SpokenSegment } from "@/api/transcriptions";
import { clock } from "@/strings/time";
import { classes } from "@/ui/classes";
import { playback, usePlayback } from "./playback";
import { indexAt, partsOf } from "./spoken-text";

const KEYS: Readonly<Record<string, (place: number, last: number) => number>> = {
  ArrowDown: (place, last) => Math.min(place + 1, last),
  ArrowUp: (place) => Math.max(place - 1, 0),
  Home: () => 0,
  End: (_place, last) => last,
};

interface SegmentsProps {
  segments: readonly SpokenSegment[];
  /** Whether there is a recording that plays. */
  isPlayable: boolean;
}

export function Segments({ segments, isPlayable }: SegmentsProps) {
  const { t } = useTranslation();
  const list = useRef<HTMLOListElement>(null);
  const [stop, setStop] = useState(0);
  const current = usePlayback(({ time, isPlaying }) =>
    time > 0 || isPlaying ? indexAt(segments, time) : -1,
  );
  useFollowing(list, current);

  const onKeyDown = (event: KeyboardEvent) => {
    const next = KEYS[event.key]?.(stop, segments.length - 1);
    if (next === undefined) return;
    event.preventDefault();
    setStop(next);
    list.current?.children[next]?.querySelector("button")?.focus();
  };
  return (
    <ol ref={list} aria-label={t("transcribe.segments")} className="flex flex-col" onKeyDown={onKeyDown}>
      {segments.map((segment, place) => (
        <Segment
          key={place}
          segment={segment}
          place={place}
          isCurrent={place === current}
          isStop={place === stop}
          isPlayable={isPlayable}
          onFocus={setStop}
        />
      ))}
    </ol>
  );
}

/** Scrolls on with what is heard, as long as what was heard before can be seen. */
function useFollowing(list: RefObject<HTMLOListElement | null>, current: number): void {
  const before = useRef(-1);
  useEffect(() => {
    const left = list.current?.children[before.current];
    const now = list.current?.children[current];
    before.current = current;
    if (left && now && isSeen(left)) now.scrollIntoView({ block: "nearest" });
  }, [list, current]);
}

function isSeen(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight;
}

interface SegmentProps {
  segment: SpokenSegment;
  place: number;
  isCurrent: boolean;
  isStop: boolean;
  isPlayable: boolean;
  onFocus: (place: number) => void;
}

const Segment = memo(function Segment({
  segment,
  place,
  isCurrent,
  isStop,
  isPlayable,
  onFocus,
}: SegmentProps) {
  const { t } = useTranslation();
  const time = clock(segment.start);
  return (
    <li
      aria-current={isCurrent}
      className={classes(
        "grid scroll-my-40 grid-cols-[3.25rem_1fr] gap-x-2 rounded-md py-1.5 pr-2 [contain-intrinsic-size:auto_3rem] [content-visibility:auto]",
        isCurrent && "bg-muted",
      )}
    >
      {isPlayable ? (
        <button
          tabIndex={isStop ? 0 : -1}
          aria-label={t("transcribe.playFrom", { time })}
          className="self-start rounded-md px-1 py-1 text-right text-xs text-primary tabular-nums -outline-offset-2 hover:underline"
          onFocus={() => onFocus(place)}
          onClick={() => playback.playFrom(segment.start)}
        >
          {time}
        </button>
      ) : (
        <span className="px-1 py-1 text-right text-xs text-muted-foreground tabular-nums">{time}</span>
      )}
      <Words segment={segment} isCurrent={isCurrent} isPlayable={isPlayable} />
    </li>
  );
});

/** Whoever marks text to copy it wants to hear nothing. */
const isMarking = () => window.getSelection()?.isCollapsed === false;

function Words({
  segment,
  isCurrent,
  isPlayable,
}: Pick<SegmentProps, "segment" | "isCurrent" | "isPlayable">) {
  const parts = useMemo(() => partsOf(segment), [segment]);
  const said = usePlayback(({ time }) => (isCurrent ? indexAt(segment.words, time) : -1));
  const saidWord = segment.words[said];
  const seek = ({ target }: MouseEvent) => {
    const start = target instanceof HTMLElement ? target.dataset.start : undefined;
    if (start !== undefined && !isMarking()) playback.playFrom(Number(start));
  };

  return (
    <p
      className="max-w-prose font-serif leading-relaxed wrap-anywhere"
      {...(isPlayable && { onClick: seek })}
    >
      {parts.map(({ text, word }, place) =>
        word ? (
          <span
            key={place}
            data-start={word.start}
            className={classes(
              isPlayable && "cursor-pointer rounded-xs hover:bg-accent hover:text-accent-foreground",
              word === saidWord &&
                "bg-primary text-primary-foreground hover:bg-primary hover:text-primary-foreground",
            )}
          >
            {text}
          </span>
        ) : (
          text
        ),
      )}
    </p>
  );
}
