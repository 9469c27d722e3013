import { useTranslation } from "react-i18next";
import { useVoices } from "@/api/voices";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { languageName } from "@/voice/voice-names";

interface LanguageFieldProps {
  engine: string;
  /** BCP 47; empty: the voice's own. */
  language: string;
  onChange: (language: string) => void;
}

/** What the text is written in, of the languages that the engine's voices speak. */
export function LanguageField({ engine, language, onChange }: LanguageFieldProps) {
  const { t } = useTranslation();
  const { data } = useVoices(engine);
  const languages = new Set((data?.data ?? []).map((voice) => voice.language));
  if (language !== "") languages.add(language);
  const named = [...languages].map((tag) => ({ tag, name: languageName(tag) }));
  return (
    <Field label={t("speak.language")}>
      {(control) => (
        <Select {...control} value={language} onChange={({ target }) => onChange(target.value)}>
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
