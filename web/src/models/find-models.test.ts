import { expect, test } from "vitest";
import { ears, espeak, makeModel } from "../../tests/model";
import {
  findModels,
  groupModels,
  languagesOf,
  missingToHear,
  removedWith,
  voiceToSuggest,
} from "./find-models";

const kokoro = makeModel();
const thorsten = makeModel({
  id: "piper-de_DE-thorsten-medium",
  engine: "piper",
  name: "Piper Thorsten",
  languages: ["de"],
  licence: "CC0-1.0",
  is_default: false,
});
const voices = makeModel({ id: "kokoro-voices", name: "Kokoro voices", kind: "voices", is_default: false });
const all = [kokoro, thorsten, voices, ...ears, espeak];

test.each([
  ["german", ["Piper Thorsten"]],
  ["piper med", ["Piper Thorsten"]],
  ["KOKORO", ["Kokoro", "Kokoro voices"]],
  ["cc0", ["Piper Thorsten"]],
  ["ermany", []],
  ["", all.map(({ name }) => name)],
])("“%s” finds %j", (query, names) => expect(findModels(all, query).map(({ name }) => name)).toEqual(names));

test("models are listed by what they do, and a kind that nobody has is left out", () => {
  expect(groupModels(all).map(({ kind, models }) => [kind, models.length])).toEqual([
    ["speech", 3],
    ["voices", 1],
    ["transcription", 1],
    ["voice_activity", 1],
  ]);
  expect(groupModels([voices]).map(({ kind }) => kind)).toEqual(["voices"]);
});

test("“any” is no language", () => {
  expect(languagesOf(makeModel({ languages: ["any"] }))).toEqual([]);
  expect(languagesOf(makeModel({ languages: ["en-us", "de"] }))).toEqual(["American English", "German"]);
});

test("hearing takes a model of each kind, the recommended one where none is there", () => {
  const absent = ears.map((model) => ({ ...model, state: "absent" as const }));
  const large = makeModel({ id: "large", kind: "transcription", is_default: false });
  expect(missingToHear([...ears, large])).toEqual([]);
  expect(missingToHear([large, ...absent]).map(({ id }) => id)).toEqual(["moonshine-tiny", "silero-vad"]);
  expect(missingToHear([ears[0] ?? large, absent[1] ?? large]).map(({ id }) => id)).toEqual(["silero-vad"]);
  expect(missingToHear([])).toEqual([]);
});

test("a better voice is suggested only where eSpeak is all there is", () => {
  expect(voiceToSuggest([espeak, thorsten, kokoro])?.id).toBe("kokoro");
  expect(voiceToSuggest([espeak, { ...thorsten, state: "installed" }, kokoro])).toBeUndefined();
  expect(voiceToSuggest([espeak])).toBeUndefined();
});

test("with a model goes what nothing else needs", () => {
  const here = (id: string, needs: string[], needed_by: string[]) =>
    makeModel({ id, needs, needed_by, state: "installed" });
  const first = here("first", ["shared", "own", "absent"], []);
  const list = [
    first,
    here("second", ["shared"], []),
    here("shared", [], ["first", "second"]),
    here("own", [], ["first"]),
    here("other", [], []),
    makeModel({ id: "absent" }),
  ];
  expect(removedWith(first, list).map(({ id }) => id)).toEqual(["own"]);
});
