/** Who speaks, and how fast; opens to choose and to listen. What is chosen is saved at once. */
import { AudioLines, ChevronDown } from "lucide-react";
import { Popover } from "radix-ui";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { type Settings, type VoiceList, wordsOf } from "@/api/client";
import { usePatchSettings, useSettings, useVoices } from "@/api/voices";
import { Button } from "@/ui/button";
import { Spinner } from "@/ui/spinner";
import { toast } from "@/ui/toast";
import { auditioner, useAudition } from "./audition";
import { sampleOf } from "./sample";
import { sampleText } from "./sample-text";
import { SpeedSlider } from "./speed-slider";
import { voiceName } from "./voice-names";
import { VoicePicker } from "./voice-picker";

/** Where a focused field would cover half of the voices with a keyboard. */
const hasKeyboardOnScreen = () => globalThis.matchMedia("(pointer: coarse)").matches;

/** sample: a text that auditions say the beginning of while no segment is heard or current. */
export function VoiceBar({ sample }: { sample: string | undefined }) {
  const { t } = useTranslation();
  const { data: settings } = useSettings();
  const { data: voices, error } = useVoices();
  if (!settings) return null;
  const name = voiceName(voices?.data ?? [], settings.default_voice_id);
  return (
    <Popover.Root onOpenChange={(isOpen) => isOpen || auditioner.stop()}>
      <Popover.Trigger asChild>
        <Button
          look="outline"
          className="min-w-0 shrink"
          aria-label={t("narrate.voice.about", { voice: name, speed: settings.tts_speed })}
        >
          <AudioLines aria-hidden />
          <span className="truncate">{name}</span>
          <span className="text-muted-foreground tabular-nums">{settings.tts_speed}×</span>
          <ChevronDown aria-hidden />
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={t("narrate.voice.choose")}
          align="end"
          sideOffset={6}
          collisionPadding={16}
          onOpenAutoFocus={(event) => {
            if (!hasKeyboardOnScreen()) return;
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
          className="z-30 flex max-h-[min(36rem,var(--radix-popover-content-available-height))] w-[min(24rem,calc(100vw-2rem))] flex-col gap-3 rounded-xl border bg-card p-4 shadow-xl"
        >
          {voices ? (
            <Choice settings={settings} list={voices} sample={sample} />
          ) : error ? (
            <p role="alert" className="text-sm text-bad">
              {wordsOf(error)}
            </p>
          ) : (
            <Spinner />
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface ChoiceProps {
  settings: Settings;
  list: VoiceList;
  sample: string | undefined;
}

function Choice({ settings, list, sample }: ChoiceProps) {
  const { t } = useTranslation();
  const { mutate } = usePatchSettings();
  const { projectId = "" } = useParams();
  const listen = (id: string, rate: number) =>
    void auditioner.listen(id, rate, sampleOf(projectId) ?? sampleText(sample));
  const { default_voice_id: voice, tts_speed: speed } = settings;
  const save = (patch: Partial<Pick<Settings, "default_voice_id" | "tts_speed">>) =>
    mutate(patch, { onError: (error) => toast.failed(t("narrate.voice.notSaved"), error) });
  const isListed = list.data.some((one) => one.id === voice);
  return (
    <>
      <VoicePicker
        voices={list.data}
        current={voice}
        start={isListed ? voice : list.default_voice}
        onChoose={(id) => save({ default_voice_id: id })}
        onListen={(id) => listen(id, speed)}
      />
      {!isListed && <Unlisted voice={voice} list={list} />}
      <AuditionError />
      <SpeedSlider
        speed={speed}
        onSettle={(next) => {
          save({ tts_speed: next });
          listen(voice, next);
        }}
      />
      <p className="text-xs text-muted-foreground">
        {t("narrate.voice.engine", { engine: list.engine })} {t("narrate.voice.keeps")}
      </p>
    </>
  );
}

/** A blend of voices has a sum as its id; any other stranger is replaced when it comes to speaking. */
function Unlisted({
  voice,
  list: { engine, default_voice, data: voices },
}: {
  voice: string;
  list: VoiceList;
}) {
  const { t } = useTranslation();
  const fallback = voiceName(voices, default_voice);
  return (
    <p className="text-sm wrap-break-word">
      {/[+(]/.test(voice)
        ? t("narrate.voice.blend", { voice })
        : t("narrate.voice.unlisted", { engine, voice, fallback })}
    </p>
  );
}

function AuditionError() {
  const error = useAudition((now) => now.error);
  if (error === null) return null;
  return (
    <p role="alert" className="text-sm wrap-break-word text-bad">
      {error}
    </p>
  );
}
