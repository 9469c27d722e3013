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

export interface VoiceGroup {
  language: string;
  /** Empty where nobody says. */
  gender: string;
  voices: Voice[];
}

const wordsOf = ({ id, name, language, gender }: Voice) =>
  [id, name, language, languageName(language), gender].join(" ").toLowerCase();

/** Those that have all the words of the query somewhere; "male" does not find "female". */
export function findVoices(voices: readonly Voice[], query: string): Voice[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  return voices.filter((voice) => {
    const words = ` ${wordsOf(voice).replaceAll(/[_()-]/g, " ")}`;
    return wanted.every((word) => words.includes(` ${word}`));
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
