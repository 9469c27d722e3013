import { CircleAlert, Pause, Play } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { clock, lengthOf } from "@/strings/time";
import { IconButton } from "@/ui/icon-button";
import { Spinner } from "@/ui/spinner";
import { type Clip, clipPlayer, isSounding, useClip } from "./clip-player";
import { useSecondsHeard } from "./use-heard";
import { type OutlineSource, useOutline } from "./use-outline";
import { VolumeControl } from "./volume-control";
import { type Playhead, Waveform } from "./waveform";

function playheadOf(clipId: string): Playhead {
  return {
    now: () => {
      const now = useClip.getState();
      return now.clipId === clipId ? now.time : 0;
    },
    follow: (listener) =>
      useClip.subscribe((now, before) => {
        const isHere = now.clipId === clipId;
        if (isHere !== (before.clipId === clipId) || (isHere && now.time !== before.time)) listener();
      }),
  };
}

interface ClipBarProps {
  clip: Clip;
  /** Where its outline comes from; null as long as there is none. */
  outline: OutlineSource | null;
  /** Something beside it plays and pauses already. */
  isButtonless?: boolean;
}

/** Play, the outline, "0:02 / 0:05", the volume. */
export function ClipBar({ clip, outline, isButtonless = false }: ClipBarProps) {
  const { t } = useTranslation();
  const { id } = clip;
  const drawn = useOutline(outline);
  const told = useClip((now) => (now.clipId === id ? now.duration : 0));
  const duration = clip.duration ?? drawn?.duration ?? told;
  const heard = useSecondsHeard(id);
  const playhead = useMemo(() => playheadOf(id), [id]);
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center gap-2">
        {!isButtonless && <PlayButton clip={clip} />}
        <Waveform
          peaks={drawn?.peaks}
          duration={duration}
          heard={heard}
          playhead={playhead}
          onSeek={(seconds) => clipPlayer.seek(clip, seconds)}
          onToggle={() => clipPlayer.toggle(clip)}
        />
        <span className="text-xs whitespace-nowrap text-muted-foreground tabular-nums">
          {clock(heard)}
          {duration > 0 && ` / ${lengthOf(duration)}`}
        </span>
        <VolumeControl />
      </div>
      <PlaybackError clipId={id} error={t("sound.failed")} />
    </div>
  );
}

/** name: what it plays, where several of these stand in a list. */
export function PlayButton({ clip, name }: { clip: Clip; name?: string }) {
  const { t } = useTranslation();
  const isOn = useClip((now) => now.clipId === clip.id && isSounding(now));
  const isLoading = useClip((now) => now.clipId === clip.id && now.status === "loading");
  const verb = t(isOn ? "sound.pause" : "sound.play");
  return (
    <IconButton
      label={name === undefined ? verb : t("sound.named", { verb, name })}
      look="outline"
      className="rounded-full"
      onClick={() => clipPlayer.toggle(clip)}
    >
      {isLoading ? <Spinner /> : isOn ? <Pause /> : <Play />}
    </IconButton>
  );
}

/** error: what is said as long as the reason is not known. */
function PlaybackError({ clipId, error }: { clipId: string; error: string }) {
  const hasFailed = useClip((now) => now.clipId === clipId && now.status === "failed");
  const reason = useClip((now) => (now.clipId === clipId ? now.error : null));
  if (!hasFailed) return null;
  return (
    <p role="alert" className="flex items-center gap-1 text-sm text-bad">
      <CircleAlert aria-hidden className="size-4 shrink-0" /> {reason ?? error}
    </p>
  );
}
