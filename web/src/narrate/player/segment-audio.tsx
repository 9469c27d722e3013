/** The audio section of a card: how a recording comes to be, and how it is heard. */
import { Mic, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/client";
import { Button } from "@/ui/button";
import { Spinner } from "@/ui/spinner";
import { Tip } from "@/ui/tip";
import { type AudioState, useAudioState } from "./audio-state";
import { useQueuePosition } from "./queue-position";
import { RecordingPlayer } from "./recording-player";
import { useSpeak } from "./speak";

export function SegmentAudio({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const state = useAudioState(segment);
  return (
    <div
      role="group"
      aria-label={t("narrate.audio.heading")}
      data-audio={state}
      className="flex flex-col gap-2"
    >
      {segment.audio_file !== null && <RecordingPlayer segment={segment} />}
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <Making segment={segment} state={state} />
        {segment.audio_voice !== null && (
          <p className="text-xs text-muted-foreground">
            {t("narrate.audio.spokenBy", { voice: segment.audio_voice, engine: segment.audio_engine })}
          </p>
        )}
      </div>
    </div>
  );
}

/** What can be done about the recording, or is being done. */
function Making({ segment, state }: { segment: Segment; state: AudioState }) {
  const { t } = useTranslation();
  switch (state) {
    case "queued":
      return <Waiting segment={segment} />;
    case "generating":
      return (
        <Work>
          <Spinner /> {t("narrate.audio.generating")}
        </Work>
      );
    case "none":
      return (
        <SpeakButton segment={segment} look="outline">
          <Mic aria-hidden /> {t("narrate.audio.generate")}
        </SpeakButton>
      );
    case "ready":
      return (
        <SpeakButton segment={segment} look="quiet">
          <RotateCw aria-hidden /> {t("narrate.audio.regenerate")}
        </SpeakButton>
      );
    case "stale":
      return (
        <Notice tone="text-busy" text={t("narrate.audio.stale")}>
          <SpeakButton segment={segment} look="outline">
            <RotateCw aria-hidden /> {t("narrate.audio.regenerate")}
          </SpeakButton>
        </Notice>
      );
    case "failed":
      return (
        <Notice tone="text-bad" text={segment.audio_error ?? ""}>
          <SpeakButton segment={segment} look="outline">
            <RotateCw aria-hidden /> {t("narrate.audio.retry")}
          </SpeakButton>
        </Notice>
      );
  }
}

function Work({ children }: { children: ReactNode }) {
  return <p className="flex h-9 items-center gap-2 text-sm text-busy">{children}</p>;
}

function Waiting({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const { position, isPaused } = useQueuePosition(segment);
  if (isPaused) return <Work>{t("narrate.audio.paused")}</Work>;
  return (
    <Work>
      {position === undefined ? t("narrate.audio.queued") : t("narrate.audio.queuedAt", { position })}
    </Work>
  );
}

function Notice({ tone, text, children }: { tone: string; text: string; children: ReactNode }) {
  return (
    <div className="flex w-full flex-wrap items-center justify-between gap-2">
      <p className={`min-w-0 flex-1 basis-48 text-sm wrap-break-word ${tone}`}>{text}</p>
      {children}
    </div>
  );
}

interface SpeakButtonProps {
  segment: Segment;
  look: "outline" | "quiet";
  children: ReactNode;
}

/** A button that says why it does nothing when the segment cannot be spoken. */
function SpeakButton({ segment, look, children }: SpeakButtonProps) {
  const { speak, isStarting, obstacle, refusal } = useSpeak(segment);
  const button = (
    <Button
      look={look}
      size="small"
      className="self-start"
      aria-disabled={obstacle !== undefined || isStarting}
      onClick={speak}
    >
      {children}
    </Button>
  );
  return (
    <>
      {obstacle === undefined ? button : <Tip text={obstacle}>{button}</Tip>}
      {refusal !== undefined && (
        <p role="alert" className="text-sm wrap-break-word text-bad">
          {refusal}
        </p>
      )}
    </>
  );
}
