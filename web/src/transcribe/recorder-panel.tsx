import { Mic, Pause, Square, Trash2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { clock } from "@/strings/time";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { IconButton } from "@/ui/icon-button";
import { discardRecording, pauseRecording, resumeRecording, stopRecording, useRecorder } from "./recorder";

/** While the microphone is on. */
export function RecorderPanel() {
  const { t } = useTranslation();
  const isPaused = useRecorder((now) => now.state === "paused");
  const seconds = useRecorder((now) => Math.floor(now.seconds));
  const stop = useRef<HTMLButtonElement>(null);
  useEffect(() => stop.current?.focus(), []); // what was pressed to come here is gone

  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-center gap-3">
        <span
          aria-hidden
          className={classes(
            "size-3 shrink-0 rounded-full bg-bad",
            isPaused ? "opacity-40" : "animate-pulse",
          )}
        />
        <p role="status" className="grow text-sm font-medium">
          {t(isPaused ? "transcribe.recordingPaused" : "transcribe.recording")}
        </p>
        <span role="timer" aria-label={t("transcribe.recordedTime")} className="text-lg tabular-nums">
          {clock(seconds)}
        </span>
      </div>
      <LevelMeter />
      <div className="flex items-center gap-2">
        <Button ref={stop} aria-keyshortcuts="r" className="min-w-0 grow px-2" onClick={stopRecording}>
          <Square aria-hidden />
          {t("transcribe.stop")}
        </Button>
        <IconButton
          look="outline"
          label={t(isPaused ? "transcribe.goOn" : "transcribe.pause")}
          onClick={isPaused ? resumeRecording : pauseRecording}
        >
          {isPaused ? <Mic /> : <Pause />}
        </IconButton>
        <IconButton label={t("transcribe.discard")} onClick={discardRecording}>
          <Trash2 />
        </IconButton>
      </div>
    </div>
  );
}

/** Below it nothing is worth showing. */
const QUIET_DB = -60;

const shareOf = (level: number) => (level > 0 ? Math.max(0, 1 - (20 * Math.log10(level)) / QUIET_DB) : 0);

/** Drawn with each frame, past React. */
function LevelMeter() {
  const { t } = useTranslation();
  const bar = useRef<HTMLDivElement>(null);
  useEffect(
    () =>
      useRecorder.subscribe(({ level }) => {
        if (bar.current) bar.current.style.width = `${shareOf(level) * 100}%`;
      }),
    [],
  );
  return (
    <div role="img" aria-label={t("transcribe.level")} className="h-2 overflow-hidden rounded-full bg-muted">
      <div ref={bar} className="h-full w-0 rounded-full bg-primary" />
    </div>
  );
}
