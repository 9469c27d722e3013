import type { Segment } from "@/api/client";
import { usePlayer } from "./player";

/** Whole seconds heard of a segment, 0 while another one is the current: never more than it is said to last. */
export function useSecondsHeard({ id, audio_duration: duration }: Segment): number {
  return usePlayer(({ segmentId, time }) =>
    segmentId === id ? Math.min(Math.floor(time), Math.round(duration ?? 0)) : 0,
  );
}
