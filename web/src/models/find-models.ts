/** Models as people look for them: by what they do, their name, engine, language and licence. */
import type { Model } from "@/api/models";
import { languageName } from "@/voice/voice-names";

export const KINDS = [
  "speech",
  "voices",
  "transcription",
  "voice_activity",
] as const satisfies Model["kind"][];

export const isInstalled = ({ state }: Model) => state === "installed";

/** "any" is no language. */
export const languagesOf = ({ languages }: Model) =>
  languages.filter((tag) => tag !== "any").map((tag) => languageName(tag));

const wordsIn = (text: string) =>
  text
    .toLowerCase()
    .split(/[\s_.()+-]+/)
    .filter(Boolean);

/** Those in which each word of the query begins one. */
export function findModels(models: readonly Model[], query: string): Model[] {
  const wanted = wordsIn(query);
  return models.filter((model) => {
    const { id, name, engine, licence, languages } = model;
    const words = wordsIn([id, name, engine, licence, ...languages, ...languagesOf(model)].join(" "));
    return wanted.every((start) => words.some((word) => word.startsWith(start)));
  });
}

export interface ModelGroup {
  kind: Model["kind"];
  models: Model[];
}

/** In the order of KINDS; kinds without models are left out. */
export function groupModels(models: readonly Model[]): ModelGroup[] {
  return KINDS.map((kind) => ({ kind, models: models.filter((model) => model.kind === kind) })).filter(
    (group) => group.models.length > 0,
  );
}

/** What hearing takes, as far as it is not installed: a model that writes down, and what finds the speech. */
export function missingToHear(models: readonly Model[]): Model[] {
  const needed = (["transcription", "voice_activity"] as const).map((kind) => {
    const those = models.filter((model) => model.kind === kind);
    return those.some(isInstalled) ? undefined : (those.find(({ is_default }) => is_default) ?? those[0]);
  });
  return needed.filter((model) => model !== undefined);
}

/** What the server removes together with a model: what that needs, as far as nothing else that is here does. */
export const removedWith = (model: Model, models: readonly Model[]) =>
  models.filter(
    ({ id, state, needed_by }) =>
      state !== "absent" && model.needs.includes(id) && needed_by.every((user) => user === model.id),
  );

/** The engine that needs no model. */
export const PLAIN_ENGINE = "espeak";

/** What is worth having where only espeak speaks; undefined where something better is installed. */
export function voiceToSuggest(models: readonly Model[]): Model | undefined {
  const speech = models.filter(({ kind, engine }) => kind === "speech" && engine !== PLAIN_ENGINE);
  return speech.some(isInstalled) ? undefined : speech.find(({ is_default }) => is_default);
}
