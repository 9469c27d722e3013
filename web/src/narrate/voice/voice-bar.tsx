/** Who speaks, and how fast; opens to choose and to listen. What is chosen is saved at once. */
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { type Settings, type VoiceList, wordsOf } from "@/api/client";
import { SPEED_MAX, SPEED_MIN, usePatchSettings, useSettings, useVoices } from "@/api/voices";
import { Spinner } from "@/ui/spinner";
import { toast } from "@/ui/toast";
import { auditioner } from "@/voice/audition";
import { AuditionError } from "@/voice/audition-error";
import { sampleText } from "@/voice/sample-text";
import { SpeedSlider } from "@/voice/speed-slider";
import { voiceName } from "@/voice/voice-names";
import { VoicePicker } from "@/voice/voice-picker";
import { VoicePopover } from "@/voice/voice-popover";
import { sampleOf } from "./sample";

/** sample: a text that auditions say the beginning of while no segment is heard or current. */
export function VoiceBar({ sample }: { sample: string | undefined }) {
  const { t } = useTranslation();
  const { data: settings } = useSettings();
  const { data: voices, error } = useVoices();
  if (!settings) return null;
  const name = voiceName(voices?.data ?? [], settings.default_voice_id);
  return (
    <VoicePopover
      label={t("narrate.voice.about", { voice: name, speed: settings.tts_speed })}
      title={t("narrate.voice.choose")}
      shown={
        <>
          <span className="truncate">{name}</span>
          <span className="text-muted-foreground tabular-nums">{settings.tts_speed}×</span>
        </>
      }
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
    </VoicePopover>
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
  const listen = (id: string, rate: number) => {
    const text = sampleOf(projectId) ?? sampleText(sample);
    void auditioner.listen({ voice: id, speed: rate, ...(text !== undefined && { text }) });
  };
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
        min={SPEED_MIN}
        max={SPEED_MAX}
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
