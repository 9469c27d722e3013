/**
 * The outline of a recording: what was heard of it is coloured, and it is the handle to move within it.
 *
 * wavesurfer.js draws only. It gets peaks and a duration, no sound, and is told the time by our player.
 */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import WaveSurfer from "wavesurfer.js";
import { usePeaks } from "@/api/segments";
import type { Segment } from "@/api/client";
import { useScheme } from "@/shell/theme";
import { clock, lengthOf } from "@/strings/time";
import { useSecondsHeard } from "./heard";
import { player, usePlayer } from "./player";

const HEIGHT_PX = 40;
const STEP_S = 1;
const PAGE_S = 5;

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

/** Seconds heard of this segment; 0 while another one is the current. */
const timeOf = (id: string) => {
  const { segmentId, time } = usePlayer.getState();
  return segmentId === id ? time : 0;
};

/** A canvas knows no variables of CSS. */
function coloursOf(element: Element) {
  const style = getComputedStyle(element);
  return { waveColor: style.getPropertyValue("--wave"), progressColor: style.getPropertyValue("--primary") };
}

/** Draws into the element, and follows the player without rendering anything anew. */
function useDrawing(segment: Segment, peaks: number[] | undefined) {
  const container = useRef<HTMLDivElement>(null);
  const drawing = useRef<WaveSurfer>(undefined);
  const scheme = useScheme();
  const { id } = segment;
  const duration = segment.audio_duration ?? 0;
  useEffect(() => {
    if (!container.current || !peaks || duration <= 0) return;
    const made = WaveSurfer.create({
      container: container.current,
      height: HEIGHT_PX,
      peaks: [peaks],
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
    const show = () => made.setTime(timeOf(id));
    made.on("ready", show);
    const unsubscribe = usePlayer.subscribe((now, before) => {
      const isHere = now.segmentId === id;
      if (isHere !== (before.segmentId === id) || (isHere && now.time !== before.time)) show();
    });
    return () => {
      unsubscribe();
      made.destroy();
      drawing.current = undefined;
    };
  }, [id, duration, peaks]);
  useEffect(() => {
    if (container.current) drawing.current?.setOptions(coloursOf(container.current));
  }, [scheme]);
  return container;
}

export function Waveform({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const { data } = usePeaks(segment);
  const container = useDrawing(segment, data?.peaks);
  const duration = segment.audio_duration ?? 0;
  const heard = useSecondsHeard(segment);

  const seekTo = ({ clientX, currentTarget }: PointerEvent<HTMLElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    player.seekIn(segment, Math.min(Math.max((clientX - left) / width, 0), 1) * duration);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === " ") {
      event.preventDefault();
      player.toggle(segment);
      return;
    }
    const time = target(event.key, timeOf(segment.id), duration);
    if (time === undefined) return;
    event.preventDefault();
    player.seekIn(segment, time);
  };

  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={t("narrate.audio.position")}
      aria-valuemin={0}
      aria-valuemax={Math.round(duration)}
      aria-valuenow={heard}
      aria-valuetext={t("narrate.audio.positionText", { time: clock(heard), duration: lengthOf(duration) })}
      className="min-w-0 flex-1 cursor-pointer touch-pan-y rounded-sm"
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
    </div>
  );
}
