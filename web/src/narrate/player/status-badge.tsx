import { AudioLines, CircleAlert, CircleCheck, Clock, History, VolumeX, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/client";
import { tenths } from "@/strings/time";
import { Badge, type Tone } from "@/ui/badge";
import { Tip } from "@/ui/tip";
import { type AudioState, useAudioState } from "./audio-state";

const looks = {
  none: { tone: "plain", Icon: VolumeX, text: "narrate.audio.badgeNone" },
  queued: { tone: "busy", Icon: Clock, text: "narrate.audio.badgeQueued" },
  generating: { tone: "busy", Icon: AudioLines, text: "narrate.audio.badgeGenerating" },
  ready: { tone: "good", Icon: CircleCheck, text: "narrate.audio.badgeReady" },
  stale: { tone: "busy", Icon: History, text: "narrate.audio.badgeStale" },
  failed: { tone: "bad", Icon: CircleAlert, text: "narrate.audio.badgeFailed" },
} as const satisfies Record<AudioState, { tone: Tone; Icon: LucideIcon; text: string }>;

/** What there is to hear of a segment, in a word. */
export function StatusBadge({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const state = useAudioState(segment);
  const { tone, Icon, text } = looks[state];
  const content = (
    <>
      <Icon aria-hidden />
      {state === "ready" && segment.audio_duration !== null
        ? t("narrate.audio.badgeReadyFor", { duration: tenths(segment.audio_duration) })
        : t(text)}
    </>
  );
  if (state !== "failed" || segment.audio_error === null) return <Badge tone={tone}>{content}</Badge>;
  return (
    <Tip text={segment.audio_error}>
      <Badge tone={tone} tabIndex={0} role="note">
        {content}
      </Badge>
    </Tip>
  );
}
