/** Who speaks: a voice of the engine, or a blend of some. */
import { Blend } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, type VoiceList, wordsOf } from "@/api/client";
import { SPEED_MAX, SPEED_MIN, useVoices } from "@/api/voices";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/skeleton";
import { auditioner } from "@/voice/audition";
import { AuditionError } from "@/voice/audition-error";
import { sampleText } from "@/voice/sample-text";
import { voiceName } from "@/voice/voice-names";
import { VoicePicker } from "@/voice/voice-picker";
import { VoicePopover } from "@/voice/voice-popover";
import { blendName, isBlend } from "./blend";
import { BlendDialog } from "./blend-dialog";
import type { Way } from "./way";

interface VoiceFieldProps {
  way: Way;
  /** The one whose voices can be chosen; empty: all. */
  language: string;
  onChange: (voice: string) => void;
  /** A text that auditions say the beginning of. */
  sample: string;
}

/** Auditions know the speeds of the engines; slower and faster ones are for the speech itself. */
const auditionSpeed = (speed: number) => Math.min(Math.max(speed, SPEED_MIN), SPEED_MAX);

export function VoiceField({ way, language, onChange, sample }: VoiceFieldProps) {
  const { t } = useTranslation();
  const { data, error } = useVoices(way.engine);
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <span aria-hidden className="text-sm font-medium">
        {t("speak.voice")}
      </span>
      {data ? (
        <Chooser way={way} language={language} list={data} sample={sample} onChange={onChange} />
      ) : error ? (
        <NoVoices error={error} />
      ) : (
        <Skeleton className="h-9" />
      )}
    </div>
  );
}

/** Where a model is missing, the page gets it; the server's words are for who types commands. */
function NoVoices({ error }: { error: Error }) {
  const { t } = useTranslation();
  const isForModels = error instanceof ApiError && error.status === 503;
  return (
    <p role="alert" className="text-sm wrap-anywhere text-bad">
      {isForModels ? t("speak.needsModel") : wordsOf(error)}{" "}
      {isForModels && (
        <Link to="/models" className="font-medium underline underline-offset-4">
          {t("speak.toModels")}
        </Link>
      )}
    </p>
  );
}

interface ChooserProps extends VoiceFieldProps {
  list: VoiceList;
}

function Chooser({ way, language, list, sample, onChange }: ChooserProps) {
  const { t } = useTranslation();
  const [isBlending, setBlending] = useState(false);
  const voice = way.voice || list.default_voice;
  const name = blendName(list.data, voice);
  const isListed = list.data.some(({ id }) => id === voice);
  const spoken = list.data.filter((one) => one.language === language);
  const text = sampleText(sample);
  const listen = (id: string) =>
    void auditioner.listen({
      engine: list.engine,
      voice: id,
      speed: auditionSpeed(way.speed),
      ...(text !== undefined && { text }),
    });

  return (
    <>
      <div className="flex gap-2">
        <VoicePopover
          className="grow justify-between"
          label={t("speak.voiceIs", { voice: name })}
          title={t("speak.chooseVoice")}
          shown={<span className="grow truncate text-left">{name}</span>}
        >
          <VoicePicker
            voices={spoken.length > 0 ? spoken : list.data}
            current={voice}
            start={isListed ? voice : list.default_voice}
            onChoose={onChange}
            onListen={listen}
          />
          <AuditionError />
        </VoicePopover>
        {list.can_blend && (
          <Button look="outline" onClick={() => setBlending(true)}>
            <Blend aria-hidden />
            {t("speak.blend.open")}
          </Button>
        )}
      </div>
      {!isListed && !isBlend(voice) && (
        <p className="text-xs text-muted-foreground">
          {t("speak.unlisted", {
            engine: list.engine,
            voice,
            fallback: voiceName(list.data, list.default_voice),
          })}
        </p>
      )}
      <BlendDialog
        isOpen={isBlending}
        onOpenChange={setBlending}
        list={list}
        voice={voice}
        onChoose={onChange}
        onListen={listen}
      />
    </>
  );
}
