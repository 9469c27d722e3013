/** Voices as people look for them: by name, language and gender. */
import type { Voice, VoiceList } from "@/api/client";

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

/**
 * Each language of these voices by its name. A voice that is called by its language names it, too: that of an
 * engine with a hundred languages knows more of them than a browser.
 */
export function languageNames(voices: readonly Voice[]): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  for (const { id, name, language } of voices)
    if (id === language) named.set(language, name.trim());
    else if (!named.has(language)) named.set(language, languageName(language));
  return named;
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
  const names = languageNames(voices);
  return voices.filter(({ id, name, language, gender }) => {
    const tongue = [languageName(language), names.get(language)];
    const words = wordsIn([id, name, language, ...tongue, gender].join(" "));
    return wanted.every((start) => words.some((word) => word.startsWith(start)));
  });
}

/** What speaks when a language is chosen: this voice where it is of it, else the one the engine prefers. */
export function voiceInLanguage({ data, default_voice }: VoiceList, voice: string, language: string): string {
  const speakers = data.filter((one) => one.language === language).map(({ id }) => id);
  return [voice, default_voice].find((id) => speakers.includes(id)) ?? speakers[0] ?? voice;
}

/** By language and gender, in the order in which they come first. */
export function groupVoices(voices: readonly Voice[]): VoiceGroup[] {
  const names = languageNames(voices);
  const groups = new Map<string, VoiceGroup>();
  for (const voice of voices) {
    const { gender } = voice;
    const key = `${voice.language} ${gender}`;
    const group = groups.get(key);
    if (group) group.voices.push(voice);
    else groups.set(key, { language: names.get(voice.language) ?? voice.language, gender, voices: [voice] });
  }
  return [...groups.values()];
}

/** The name of the voice with this id; of a blend or a stranger the id itself. */
export function voiceName(voices: readonly Voice[], id: string): string {
  return voices.find((voice) => voice.id === id)?.name ?? id;
}
