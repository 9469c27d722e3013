import { useTranslation } from "react-i18next";
import { useModels } from "@/api/models";
import { AUTO_ENGINE, ENGINES } from "@/api/voices";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";

/** Engines that cannot speak yet for want of a model; empty as long as nobody knows. */
function useMissingEngines(): ReadonlySet<string> {
  const { data } = useModels();
  const speaking = (data?.items ?? []).filter(({ kind }) => kind === "speech");
  const installed = new Set(
    speaking.filter(({ state }) => state === "installed").map(({ engine }) => engine),
  );
  return new Set(speaking.map(({ engine }) => engine).filter((engine) => !installed.has(engine)));
}

/** engine: a name, or AUTO_ENGINE. */
export function EngineField({ engine, onChange }: { engine: string; onChange: (engine: string) => void }) {
  const { t } = useTranslation();
  const missing = useMissingEngines();
  return (
    <Field label={t("speak.engine")}>
      {(control) => (
        <Select {...control} value={engine} onChange={({ target }) => onChange(target.value)}>
          <option value={AUTO_ENGINE}>{t("speak.engines.auto")}</option>
          {ENGINES.map((name) => (
            <option key={name} value={name}>
              {missing.has(name)
                ? t("speak.notInstalled", { name: t(`speak.engines.${name}`) })
                : t(`speak.engines.${name}`)}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
