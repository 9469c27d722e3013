import { useClip } from "./clip-player";

/** Whole seconds heard of a clip; 0 while another one is the current. */
export function useSecondsHeard(clipId: string): number {
  return useClip(({ clipId: current, time }) => (current === clipId ? Math.floor(time) : 0));
}
