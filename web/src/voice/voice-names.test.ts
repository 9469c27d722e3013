import { expect, test } from "vitest";
import type { Voice } from "@/api/client";
import {
  findVoices,
  groupVoices,
  languageName,
  languageNames,
  voiceInLanguage,
  voiceName,
} from "./voice-names";

const voices: Voice[] = [
  { id: "af_bella", name: "Bella", language: "en-us", gender: "female" },
  { id: "af_sky", name: "Sky", language: "en-us", gender: "female" },
  { id: "am_adam", name: "Adam", language: "en-us", gender: "male" },
  { id: "bf_emma", name: "Emma", language: "en-gb", gender: "female" },
  { id: "jf_alpha", name: "Alpha", language: "ja", gender: "" },
];

test.each([
  ["en-us", "American English"],
  ["en-gb", "British English"],
  ["ja", "Japanese"],
  ["en-gb-x-rp", "British English (rp)"],
  ["not a tag", "not a tag"],
])("the language %s is called %s", (tag, name) => {
  expect(languageName(tag)).toBe(name);
});

test.each([
  { query: "", found: ["af_bella", "af_sky", "am_adam", "bf_emma", "jf_alpha"] },
  { query: "bel", found: ["af_bella"] },
  { query: "BRITISH", found: ["bf_emma"] },
  { query: "english female", found: ["af_bella", "af_sky", "bf_emma"] },
  { query: "male", found: ["am_adam"] },
  { query: "af sky", found: ["af_sky"] },
  { query: "af_sky", found: ["af_sky"] },
  { query: "en-gb", found: ["bf_emma"] },
  { query: "nobody", found: [] },
])("the search for '$query' finds $found", ({ query, found }) => {
  expect(findVoices(voices, query).map(({ id }) => id)).toEqual(found);
});

test("voices are together by language and gender", () => {
  expect(
    groupVoices(voices).map(({ language, gender, voices }) => [language, gender, voices.length]),
  ).toEqual([
    ["American English", "female", 2],
    ["American English", "male", 1],
    ["British English", "female", 1],
    ["Japanese", "", 1],
  ]);
});

test("a voice is shown by its name, a blend or a stranger as it is", () => {
  expect(voiceName(voices, "af_bella")).toBe("Bella");
  expect(voiceName(voices, "af_bella(2)+af_sky(1)")).toBe("af_bella(2)+af_sky(1)");
});

test("a voice that is called by its language names it, where a browser may not", () => {
  const spoken = [
    { id: "py", name: "Pyash", language: "py", gender: "male" },
    { id: "en-029", name: "English (Caribbean)", language: "en-029", gender: "male" },
    { id: "chr-US-Qaaa-x-west", name: "Cherokee ", language: "chr-US-Qaaa-x-west", gender: "male" },
    { id: "jyutping", name: "Chinese (Cantonese, Jyutping)", language: "yue", gender: "male" },
    { id: "yue", name: "Chinese (Cantonese)", language: "yue", gender: "male" },
    { id: "af_sky", name: "Sky", language: "en-us", gender: "female" },
  ];
  expect([...languageNames(spoken).values()]).toEqual([
    ...["Pyash", "English (Caribbean)", "Cherokee", "Chinese (Cantonese)", "American English"],
  ]);
  expect(groupVoices(spoken).map(({ language }) => language)).toContain("Pyash");
  expect(findVoices(spoken, "cantonese").map(({ id }) => id)).toEqual(["jyutping", "yue"]);
});

test.each([
  ["af_sky", "en-us", "af_sky"],
  ["bf_emma", "en-us", "af_bella"],
  ["af_bella(2)+af_sky(1)", "en-gb", "bf_emma"],
  ["af_sky", "de", "af_sky"],
])("where %s speaks and %s is chosen, %s speaks", (voice, language, speaker) => {
  const list = { engine: "kokoro", default_voice: "af_bella", can_blend: true, data: voices };
  expect(voiceInLanguage(list, voice, language)).toBe(speaker);
});
