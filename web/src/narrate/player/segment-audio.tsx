/** The audio section of a card: how a recording comes to be, and how it is heard. */
import { type LucideIcon, Mic, RotateCw } from "lucide-react";
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
      {state === "stale" && <Notice tone="text-busy" text={t("narrate.audio.stale")} />}
      {state === "failed" && <Notice tone="text-bad" text={segment.audio_error ?? ""} />}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <Making segment={segment} state={state} />
        {segment.audio_voice !== null && (
          <p className="ml-auto text-xs text-muted-foreground">
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
  if (state === "queued") return <Waiting segment={segment} />;
  if (state === "generating")
    return (
      <Work>
        <Spinner /> {t("narrate.audio.generating")}
      </Work>
    );
  return <SpeakButton segment={segment} state={state} />;
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

function Notice({ tone, text }: { tone: string; text: string }) {
  return <p className={`text-sm wrap-break-word ${tone}`}>{text}</p>;
}

type Offer = { look: "outline" | "quiet"; icon: LucideIcon; words: "generate" | "regenerate" | "retry" };

const OFFERS: Readonly<Record<Exclude<AudioState, "queued" | "generating">, Offer>> = {
  none: { look: "outline", icon: Mic, words: "generate" },
  ready: { look: "quiet", icon: RotateCw, words: "regenerate" },
  stale: { look: "outline", icon: RotateCw, words: "regenerate" },
  failed: { look: "outline", icon: RotateCw, words: "retry" },
};

/**
 * A button that says why it does nothing when the segment cannot be spoken. It stays the same one when the
 * state changes, so that it keeps the focus and a click under way. Without a border, its icon stands
 * where the text above it begins.
 */
function SpeakButton({ segment, state }: { segment: Segment; state: keyof typeof OFFERS }) {
  const { t } = useTranslation();
  const { speak, isStarting, obstacle, refusal } = useSpeak(segment);
  const { look, icon: Icon, words } = OFFERS[state];
  const button = (
    <Button
      look={look}
      size="small"
      className={look === "quiet" ? "-ml-3" : ""}
      aria-disabled={obstacle !== undefined || isStarting}
      onClick={speak}
    >
      <Icon aria-hidden /> {t(`narrate.audio.${words}`)}
    </Button>
  );
  return (
    <>
      {obstacle === undefined ? button : <Tip text={obstacle}>{button}</Tip>}
      {refusal !== undefined && (
        <p role="alert" className="order-last w-full text-sm wrap-break-word text-bad">
          {refusal}
        </p>
      )}
    </>
  );
}
