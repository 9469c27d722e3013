import { CircleAlert, Pause, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/client";
import { clock, lengthOf } from "@/strings/time";
import { IconButton } from "@/ui/icon-button";
import { Spinner } from "@/ui/spinner";
import { useSecondsHeard } from "./heard";
import { player, usePlayer } from "./player";
import { SegmentWaveform } from "./segment-waveform";

/** Play, the outline, "0:02 / 0:05". Only the one that plays follows the time. */
export function RecordingPlayer({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const status = usePlayer((now) => (now.segmentId === segment.id ? now.status : "idle"));
  const error = usePlayer((now) => (now.segmentId === segment.id ? now.error : null));
  const heard = useSecondsHeard(segment);
  const isSounding = status === "playing" || status === "loading";
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center gap-2">
        <IconButton
          label={t(isSounding ? "sound.pause" : "sound.play")}
          look="outline"
          className="rounded-full"
          onClick={() => player.toggle(segment)}
        >
          {status === "loading" ? <Spinner /> : isSounding ? <Pause /> : <Play />}
        </IconButton>
        <SegmentWaveform segment={segment} />
        <span className="text-xs text-muted-foreground tabular-nums">
          {clock(heard)} / {lengthOf(segment.audio_duration ?? 0)}
        </span>
      </div>
      {status === "failed" && error !== null && (
        <p role="alert" className="flex items-center gap-1 text-sm text-bad">
          <CircleAlert aria-hidden className="size-4 shrink-0" /> {error}
        </p>
      )}
    </div>
  );
}
