import { useTranslation } from "react-i18next";
import { useVoices } from "@/api/voices";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { languageName, languageNames, voiceInLanguage } from "@/voice/voice-names";

interface LanguageFieldProps {
  engine: string;
  voice: string;
  /** BCP 47; empty: the voice's own. */
  language: string;
  /** The language, and a voice that speaks it; without one as long as nobody knows the voices. */
  onChange: (change: { language: string; voice?: string }) => void;
}

/** What the text is written in, of the languages that the engine's voices speak. */
export function LanguageField({ engine, voice, language, onChange }: LanguageFieldProps) {
  const { t } = useTranslation();
  const { data } = useVoices(engine);
  const languages = new Map(languageNames(data?.data ?? []));
  if (language !== "" && !languages.has(language)) languages.set(language, languageName(language));
  const named = [...languages].map(([tag, name]) => ({ tag, name }));
  const choose = (tag: string) =>
    onChange({
      language: tag,
      ...(data && tag !== "" && { voice: voiceInLanguage(data, voice || data.default_voice, tag) }),
    });
  return (
    <Field label={t("speak.language")}>
      {(control) => (
        <Select {...control} value={language} onChange={({ target }) => choose(target.value)}>
          <option value="">{t("speak.languageOfVoice")}</option>
          {named
            .sort((one, other) => one.name.localeCompare(other.name))
            .map(({ tag, name }) => (
              <option key={tag} value={tag}>
                {name}
              </option>
            ))}
        </Select>
      )}
    </Field>
  );
}
