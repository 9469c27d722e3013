import { Pause, Play, SkipBack, SkipForward, Square } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { ProjectDetail, Segment } from "@/api/client";
import { Button } from "@/ui/button";
import { IconButton } from "@/ui/icon-button";
import { Tip } from "@/ui/tip";
import { usePlace } from "../timeline/place";
import { useMediaSession } from "./media-session";
import { isSounding, player, usePlayer } from "./player";
import { usePlayerKeys } from "./player-keys";
import { hasAudio, nextOf } from "./playlist";

/** Where it rests, else where one is; at the beginning again when that is what came to the end of all. */
function startOf(segments: readonly Segment[]): string | undefined {
  const { segmentId, isPlayingAll, status, time, duration } = usePlayer.getState();
  if (segmentId === null || isPlayingAll) return segmentId ?? usePlace.getState().currentId ?? undefined;
  const start = usePlace.getState().currentId ?? segmentId;
  const hasEnded = status === "paused" && time >= duration && !nextOf(segments, segmentId);
  return hasEnded && start === segmentId ? undefined : start;
}

/** Hearing a project from where one is to its end. */
export function PlayAll({ project }: { project: ProjectDetail }) {
  const { t } = useTranslation();
  const { segments } = project;
  const isRunning = usePlayer((now) => now.isPlayingAll && isSounding(now));
  const segmentId = usePlayer((now) => now.segmentId);
  const number = segments.findIndex(({ id }) => id === segmentId) + 1;
  const canPlay = segments.some(hasAudio);

  const toggle = () => {
    if (isRunning) player.pause();
    else if (canPlay) player.playAll(segments, startOf(segments));
  };
  useEffect(() => player.follow(segments), [segments]);
  useEffect(() => () => player.stop(), [project.id]);
  useMediaSession(project);
  usePlayerKeys(toggle);

  const main = (
    <Button look="outline" aria-disabled={!canPlay} onClick={toggle}>
      {isRunning ? <Pause aria-hidden /> : <Play aria-hidden />}
      {t(isRunning ? "narrate.player.pauseAll" : "narrate.player.playAll")}
    </Button>
  );
  return (
    <div
      role="group"
      aria-label={t("narrate.player.playAll")}
      className="flex items-center gap-1 max-sm:order-last"
    >
      {canPlay ? main : <Tip text={t("narrate.player.nothing")}>{main}</Tip>}
      {number > 0 && (
        <>
          <IconButton label={t("narrate.player.previous")} onClick={() => player.previous()}>
            <SkipBack />
          </IconButton>
          <span className="text-xs text-muted-foreground tabular-nums">
            {t("narrate.player.number", { number, total: segments.length })}
          </span>
          <IconButton label={t("narrate.player.next")} onClick={() => player.next()}>
            <SkipForward />
          </IconButton>
          <IconButton label={t("narrate.player.stop")} onClick={() => player.stop()}>
            <Square />
          </IconButton>
        </>
      )}
    </div>
  );
}
