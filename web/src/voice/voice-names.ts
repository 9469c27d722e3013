/** Voices as people look for them: by name, language and gender. */
import type { Voice } from "@/api/client";

const names = new Intl.DisplayNames(["en"], { type: "language" });

/** "en-us" is "American English"; what is no plain language tag keeps its own name behind that of its language. */
export function languageName(tag: string): string {
  const [plain, rest] = tag.split(/-x-(.*)/s);
  try {
    const name = names.of(plain ?? tag) ?? tag;
    return rest === undefined ? name : `${name} (${rest})`;
  } catch {
    return tag; // no language tag at all
  }
}

interface VoiceGroup {
  language: string;
  /** Empty where nobody says. */
  gender: string;
  voices: Voice[];
}

const wordsIn = (text: string) =>
  text
    .toLowerCase()
    .split(/[\s_()+-]+/)
    .filter(Boolean);

/** Those in which each word of the query begins one; so "male" does not find "female". */
export function findVoices(voices: readonly Voice[], query: string): Voice[] {
  const wanted = wordsIn(query);
  return voices.filter(({ id, name, language, gender }) => {
    const words = wordsIn([id, name, language, languageName(language), gender].join(" "));
    return wanted.every((start) => words.some((word) => word.startsWith(start)));
  });
}

/** By language and gender, in the order in which they come first. */
export function groupVoices(voices: readonly Voice[]): VoiceGroup[] {
  const groups = new Map<string, VoiceGroup>();
  for (const voice of voices) {
    const key = `${voice.language} ${voice.gender}`;
    const group = groups.get(key);
    if (group) group.voices.push(voice);
    else groups.set(key, { language: languageName(voice.language), gender: voice.gender, voices: [voice] });
  }
  return [...groups.values()];
}

/** The name of the voice with this id; of a blend or a stranger the id itself. */
export function voiceName(voices: readonly Voice[], id: string): string {
  return voices.find((voice) => voice.id === id)?.name ?? id;
}
