import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { Segment } from "@/api/client";
import { isSounding, usePlayer } from "@/narrate/player/player";
import { setCurrent, usePlace } from "./place";

/** Where a recording begins to sound is where the person is, unless a card has the focus. */
function useBeingWhereItSounds(): void {
  const soundingId = usePlayer((now) => (isSounding(now) ? now.segmentId : null));
  useEffect(() => {
    const isInCard = document.activeElement?.closest("[data-card]") ?? null;
    if (soundingId !== null && isInCard === null) setCurrent(soundingId);
  }, [soundingId]);
}

/** Scrolls to where the person goes, and to what is heard while all is played, unless somebody writes. */
export function useFollowing(segments: readonly Segment[], scrollToIndex: (index: number) => void): void {
  const wantedId = usePlace(({ wanted }) => wanted?.id);
  const playedId = usePlayer(({ isPlayingAll, segmentId }) => (isPlayingAll ? segmentId : null));
  const latest = useRef(segments);
  useLayoutEffect(() => {
    latest.current = segments;
  }, [segments]);
  const show = useCallback(
    (id: string) => {
      const index = latest.current.findIndex((one) => one.id === id);
      if (index >= 0) scrollToIndex(index);
    },
    [scrollToIndex],
  );

  useBeingWhereItSounds();
  useLayoutEffect(() => {
    if (wantedId !== undefined) show(wantedId);
  }, [wantedId, show]);
  useEffect(() => {
    const isWriting = document.activeElement?.matches("textarea, input") ?? false;
    if (playedId !== null && !isWriting) show(playedId);
  }, [playedId, show]);
}
