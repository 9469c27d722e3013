import { Pause, Play, SkipBack, SkipForward, Square } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { ProjectDetail } from "@/api/client";
import { Button } from "@/ui/button";
import { IconButton } from "@/ui/icon-button";
import { isSounding, player, usePlayer } from "./player";
import { hasAudio } from "./playlist";

/** Hearing a project from beginning to end. */
export function PlayAll({ project }: { project: ProjectDetail }) {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const { segments } = project;
  const isRunning = usePlayer((now) => now.isPlayingAll && isSounding(now));
  const segmentId = usePlayer((now) => now.segmentId);
  const current = segments.find((one) => one.id === segmentId);
  const canPlay = segments.some(hasAudio);

  useEffect(() => player.follow(segments), [segments]);
  useEffect(() => () => player.stop(), [project.id]);

  const toggle = () => {
    if (isRunning) player.pause();
    else player.playAll(segments, segmentId ?? search.get("segment") ?? undefined);
  };
  return (
    <div role="group" aria-label={t("narrate.player.playAll")} className="flex items-center gap-1">
      {current && (
        <IconButton label={t("narrate.player.previous")} onClick={() => player.previous()}>
          <SkipBack />
        </IconButton>
      )}
      <Button look="outline" aria-disabled={!canPlay} onClick={toggle}>
        {isRunning ? <Pause aria-hidden /> : <Play aria-hidden />}
        {t(isRunning ? "narrate.player.pauseAll" : "narrate.player.playAll")}
      </Button>
      {current && (
        <>
          <IconButton label={t("narrate.player.next")} onClick={() => player.next()}>
            <SkipForward />
          </IconButton>
          <IconButton label={t("narrate.player.stop")} onClick={() => player.stop()}>
            <Square />
          </IconButton>
          <span className="text-xs text-muted-foreground tabular-nums">
            {t("narrate.player.number", { number: current.sequence_index + 1, total: segments.length })}
          </span>
        </>
      )}
    </div>
  );
}
