/**
 * The outline of a sound: what was heard of it is coloured, and it is the handle to move within it.
 *
 * wavesurfer.js draws only. It gets peaks and a duration, no sound, and is told the time by our player.
 */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import WaveSurfer from "wavesurfer.js";
import { useScheme } from "@/shell/theme";
import { clock, lengthOf } from "@/strings/time";

const HEIGHT_PX = 40;
const STEP_S = 1;
const PAGE_S = 5;

/** Where a sound is; the same object as long as it is the same sound. */
export interface Playhead {
  /** Seconds heard; 0 while something else sounds. */
  now: () => number;
  /** Calls back whenever that changes; returns how to stop. */
  follow: (listener: () => void) => () => void;
}

interface WaveformProps {
  /** 0 to 1; undefined as long as they are not known: a line is the handle then. */
  peaks: readonly number[] | undefined;
  /** Seconds. */
  duration: number;
  /** Whole seconds heard. */
  heard: number;
  playhead: Playhead;
  onSeek: (seconds: number) => void;
  onToggle: () => void;
}

/** Where a key moves to; undefined for keys that do not. */
function target(key: string, time: number, duration: number): number | undefined {
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return Math.min(time + STEP_S, duration);
    case "ArrowLeft":
    case "ArrowDown":
      return Math.max(time - STEP_S, 0);
    case "PageUp":
      return Math.min(time + PAGE_S, duration);
    case "PageDown":
      return Math.max(time - PAGE_S, 0);
    case "Home":
      return 0;
    case "End":
      return duration;
  }
}

/** A canvas knows no variables of CSS. */
function coloursOf(element: Element) {
  const style = getComputedStyle(element);
  return { waveColor: style.getPropertyValue("--wave"), progressColor: style.getPropertyValue("--primary") };
}

/** Draws into the element, and follows the player without rendering anything anew. */
function useDrawing(peaks: WaveformProps["peaks"], duration: number, playhead: Playhead) {
  const container = useRef<HTMLDivElement>(null);
  const drawing = useRef<WaveSurfer>(undefined);
  const scheme = useScheme();
  useEffect(() => {
    if (!container.current || !peaks || duration <= 0) return;
    const made = WaveSurfer.create({
      container: container.current,
      height: HEIGHT_PX,
      peaks: [[...peaks]],
      duration,
      normalize: true,
      interact: false,
      cursorWidth: 0,
      barWidth: 2,
      barGap: 1,
      barRadius: 1,
      ...coloursOf(container.current),
    });
    drawing.current = made;
    const show = () => made.setTime(playhead.now());
    made.on("ready", show);
    const unfollow = playhead.follow(show);
    return () => {
      unfollow();
      made.destroy();
      drawing.current = undefined;
    };
  }, [peaks, duration, playhead]);
  useEffect(() => {
    if (container.current) drawing.current?.setOptions(coloursOf(container.current));
  }, [scheme]);
  return container;
}

export function Waveform({ peaks, duration, heard, playhead, onSeek, onToggle }: WaveformProps) {
  const { t } = useTranslation();
  const container = useDrawing(peaks, duration, playhead);

  const seekTo = ({ clientX, currentTarget }: PointerEvent<HTMLElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    onSeek(Math.min(Math.max((clientX - left) / width, 0), 1) * duration);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === " ") {
      event.preventDefault();
      onToggle();
      return;
    }
    const time = target(event.key, playhead.now(), duration);
    if (time === undefined) return;
    event.preventDefault();
    onSeek(time);
  };

  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={t("sound.position")}
      aria-valuemin={0}
      aria-valuemax={Math.round(duration)}
      aria-valuenow={Math.min(heard, Math.round(duration))}
      aria-valuetext={t("sound.positionText", { time: clock(heard), duration: lengthOf(duration) })}
      className="relative min-w-0 flex-1 cursor-pointer touch-pan-y rounded-sm"
      style={{ height: HEIGHT_PX }}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        seekTo(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event);
      }}
    >
      <div ref={container} className="pointer-events-none" />
      {!peaks && <Line share={duration > 0 ? heard / duration : 0} />}
    </div>
  );
}

/** What there is to see of a sound whose outline is not known. */
function Line({ share }: { share: number }) {
  return (
    <div aria-hidden className="pointer-events-none absolute inset-0 flex items-center">
      <div className="h-1.5 w-full overflow-hidden rounded-full bg-muted">
        <div className="h-full bg-primary" style={{ width: `${Math.min(share, 1) * 100}%` }} />
      </div>
    </div>
  );
}
