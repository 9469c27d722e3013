import { FileQuestion, Pause, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useShortcut } from "@/shell/shortcuts";
import { clock, lengthOf } from "@/strings/time";
import { IconButton } from "@/ui/icon-button";
import { Slider } from "@/ui/slider";
import { attachMedia, playback, usePlayback } from "./playback";

const STEP_S = 5;

interface FilePlayerProps {
  url: string;
  isVideo: boolean;
  /** Seconds, as the server told it, which is what the page says elsewhere; null: the browser's own. */
  duration: number | null;
  /** What is said where the browser does not know this kind of file. */
  failed: string;
}

/** Plays what was given, in the browser: nothing is fetched for it. */
export function FilePlayer({ url, isVideo, duration, failed }: FilePlayerProps) {
  const { t } = useTranslation();
  const hasFailed = usePlayback((now) => now.hasFailed);

  return (
    <div className="flex flex-col gap-2">
      {isVideo ? (
        <video
          key={url}
          ref={attachMedia}
          src={url}
          playsInline
          aria-label={t("transcribe.player.video")}
          className={hasFailed ? "hidden" : "max-h-64 w-full rounded-lg bg-black"}
        />
      ) : (
        <audio key={url} ref={attachMedia} src={url} preload="metadata" />
      )}
      {hasFailed ? (
        <p className="flex items-center gap-2 text-sm text-muted-foreground">
          <FileQuestion aria-hidden className="size-4 shrink-0" />
          {failed}
        </p>
      ) : (
        <Controls told={duration} />
      )}
    </div>
  );
}

function Controls({ told }: { told: number | null }) {
  const { t } = useTranslation();
  const isPlaying = usePlayback((now) => now.isPlaying);
  const time = usePlayback((now) => Math.floor(now.time * 10) / 10);
  const duration = usePlayback((now) => now.duration);
  const length = lengthOf(told ?? duration);
  const group = t("transcribe.tab");
  const step = (by: number) => () => playback.seek(usePlayback.getState().time + by);

  useShortcut("space", () => playback.toggle(), { group, label: t("transcribe.player.toggle") });
  useShortcut("[", step(-STEP_S), { group, label: t("transcribe.player.back") });
  useShortcut("]", step(STEP_S), { group, label: t("transcribe.player.forward") });
  return (
    <div className="flex items-center gap-3">
      <IconButton
        label={t(isPlaying ? "transcribe.player.pause" : "transcribe.player.play")}
        look="outline"
        className="rounded-full"
        onClick={() => playback.toggle()}
      >
        {isPlaying ? <Pause /> : <Play />}
      </IconButton>
      <Slider
        value={Math.min(time, duration)}
        min={0}
        max={Math.max(duration, 0.1)}
        step={0.1}
        label={t("transcribe.player.position")}
        valueText={t("transcribe.player.positionText", { time: clock(time), duration: length })}
        onChange={(next) => playback.seek(next)}
      />
      <span className="shrink-0 text-xs text-muted-foreground tabular-nums">
        {clock(time)} / {length}
      </span>
    </div>
  );
}
