/** The system's media keys, and what its player shows. */
import { useEffect } from "react";
import type { ProjectDetail } from "@/api/client";
import { t } from "@/strings/strings";
import { isSounding, player, usePlayer } from "./player";

const ACTIONS: Partial<Record<MediaSessionAction, MediaSessionActionHandler>> = {
  play: () => player.resume(),
  pause: () => player.pause(),
  stop: () => player.stop(),
  nexttrack: () => player.next(),
  previoustrack: () => player.previous(),
  seekto: ({ seekTime }) => {
    if (seekTime !== undefined) player.seek(seekTime);
  },
};

export function useMediaSession(project: ProjectDetail): void {
  const number = usePlayer(({ segmentId }) => project.segments.findIndex(({ id }) => id === segmentId) + 1);
  const state = usePlayer((now) =>
    now.segmentId === null ? "none" : isSounding(now) ? "playing" : "paused",
  );
  useEffect(() => {
    if (!("mediaSession" in navigator)) return;
    const { mediaSession } = navigator;
    const actions = Object.entries(ACTIONS) as [MediaSessionAction, MediaSessionActionHandler][];
    for (const [action, handler] of actions) mediaSession.setActionHandler(action, handler);
    return () => {
      for (const [action] of actions) mediaSession.setActionHandler(action, null);
      mediaSession.metadata = null;
      mediaSession.playbackState = "none";
    };
  }, []);
  useEffect(() => {
    if (!("mediaSession" in navigator)) return;
    navigator.mediaSession.playbackState = state;
    navigator.mediaSession.metadata =
      number === 0
        ? null
        : new MediaMetadata({
            title: t("narrate.player.segment", { number }),
            album: project.title,
            artist: project.author,
          });
  }, [number, state, project.title, project.author]);
}
