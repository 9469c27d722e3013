import { useTranslation } from "react-i18next";
import { FORMATS, SPEED_MAX, SPEED_MIN } from "@/api/speech";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { SpeedSlider } from "@/voice/speed-slider";
import { EngineField } from "./engine-field";
import { VoiceField } from "./voice-field";
import { isFormat, type Way } from "./way";

interface WayFieldsProps {
  way: Way;
  /** The one whose voices are shown; empty: all. */
  language?: string;
  onChange: (change: Partial<Way>) => void;
  /** A text that auditions say the beginning of. */
  sample: string;
}

/** How something is spoken. Another engine has other voices and models. */
export function WayFields({ way, language = "", onChange, sample }: WayFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <EngineField engine={way.engine} onChange={(engine) => onChange({ engine, model: "", voice: "" })} />
      <VoiceField way={way} language={language} sample={sample} onChange={(voice) => onChange({ voice })} />
      <SpeedSlider
        speed={way.speed}
        min={SPEED_MIN}
        max={SPEED_MAX}
        onSettle={(speed) => onChange({ speed })}
      />
      <Field label={t("speak.format")}>
        {(control) => (
          <Select
            {...control}
            value={way.format}
            onChange={({ target: { value } }) => isFormat(value) && onChange({ format: value })}
          >
            {FORMATS.map((format) => (
              <option key={format} value={format}>
                {t(`speak.formats.${format}`)}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </>
  );
}
