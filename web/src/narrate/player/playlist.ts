/** The order in which recordings follow each other: that of the segments, past those without audio. */
import { audioUrl } from "@/api/segments";
import type { Segment } from "@/api/client";

export const hasAudio = (segment: Segment) => audioUrl(segment) !== null;

/** The first with audio from this one on, itself included; of all when it is not given or not there. */
export function firstFrom(segments: readonly Segment[], id: string | undefined): Segment | undefined {
  const start = Math.max(
    0,
    segments.findIndex((one) => one.id === id),
  );
  return segments.slice(start).find(hasAudio);
}

export function nextOf(segments: readonly Segment[], id: string): Segment | undefined {
  const index = segments.findIndex((one) => one.id === id);
  return index < 0 ? undefined : segments.slice(index + 1).find(hasAudio);
}

export function previousOf(segments: readonly Segment[], id: string): Segment | undefined {
  const index = segments.findIndex((one) => one.id === id);
  return index < 0 ? undefined : segments.slice(0, index).findLast(hasAudio);
}

/** What follows one that was in the list before and is no more. */
export function successorOf(
  before: readonly Segment[],
  now: readonly Segment[],
  goneId: string,
): Segment | undefined {
  const index = before.findIndex((one) => one.id === goneId);
  const left = new Map(now.filter(hasAudio).map((one) => [one.id, one]));
  const follower = before.slice(index + 1).find((one) => left.has(one.id));
  return follower && left.get(follower.id);
}
