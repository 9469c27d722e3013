import { useEffect, useRef } from "react";
import type { Segment } from "@/api/client";
import { t } from "@/strings/strings";
import { announce } from "../timeline/announcer";

/** Longer than a screen reader takes to say it. */
const QUIET_MS = 4_000;

type Moments = ReadonlyMap<string, string | null>;

const momentsOf = (segments: readonly Segment[]): Moments =>
  new Map(segments.map((one) => [one.id, one.audio_created_at]));

/** The places, from 1, of those that have a recording they did not have before. */
function newlyReady(segments: readonly Segment[], before: Moments): number[] {
  return segments.flatMap(({ id, audio_created_at }, index) =>
    audio_created_at !== null && before.has(id) && before.get(id) !== audio_created_at ? [index + 1] : [],
  );
}

function say([number, ...more]: readonly number[]): void {
  if (number === undefined) return;
  if (more.length === 0) announce(t("narrate.player.announceOne", { number }));
  else announce(t("narrate.player.announceMany", { count: more.length + 1 }));
}

/** Says which recordings have become ready: the first at once, those that follow fast together. */
export function useAnnounceReady(segments: readonly Segment[]): void {
  const known = useRef(momentsOf(segments));
  const news = useRef<number[]>([]);
  const quiet = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    const tell = () => {
      quiet.current = undefined;
      if (news.current.length === 0) return;
      say(news.current);
      news.current = [];
      quiet.current = setTimeout(tell, QUIET_MS);
    };
    news.current.push(...newlyReady(segments, known.current));
    known.current = momentsOf(segments);
    if (quiet.current === undefined) tell();
  }, [segments]);
  useEffect(() => () => clearTimeout(quiet.current), []);
}
