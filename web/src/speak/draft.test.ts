import { beforeEach, expect, test, vi } from "vitest";
import type { Profile } from "@/api/profiles";
import { applyProfile, lengthInCharacters, speechOf, useDraft } from "./draft";
import { profileOf, wayOf } from "./way";

const profile: Profile = {
  id: "0f8f3b0e-0000-4000-8000-000000000001",
  name: "Calm",
  backend: "kokoro",
  model: null,
  voice: "af_bella",
  blend: "af_bella(2)+af_sky(1)",
  speed: 0.8,
  format: "opus",
  reference_audio_id: null,
  effects: [],
  is_default: false,
  created_at: "2026-05-04T10:00:00.000Z",
  updated_at: "2026-05-04T10:00:00.000Z",
};

beforeEach(() => {
  localStorage.clear();
  useDraft.setState(useDraft.getInitialState(), true);
});

test("what is spoken names everything but what is left to the engine", () => {
  useDraft.setState({ text: "Hello." });
  expect(speechOf(useDraft.getState())).toEqual({
    input: "Hello.",
    model: "tts-1",
    engine: "auto",
    speed: 1,
    response_format: "mp3",
    profile_id: "",
  });
  useDraft.setState({ voice: "af_sky", language: "en-gb", model: "kokoro-v1.0" });
  expect(speechOf(useDraft.getState())).toMatchObject({
    model: "kokoro-v1.0",
    voice: "af_sky",
    language: "en-gb",
  });
});

test("a profile is applied to all but the text, its blend instead of its voice", () => {
  useDraft.setState({ text: "Mine.", language: "de" });
  applyProfile(profile);
  expect(useDraft.getState()).toMatchObject({
    text: "Mine.",
    engine: "kokoro",
    voice: "af_bella(2)+af_sky(1)",
    speed: 0.8,
    format: "opus",
    language: "",
    profileId: profile.id,
  });
});

test("a profile that is kept is the way that was shown", () => {
  expect(profileOf("Calm", wayOf(profile), "af_heart")).toEqual({
    name: "Calm",
    backend: "kokoro",
    model: null,
    voice: "af_bella",
    blend: "af_bella(2)+af_sky(1)",
    speed: 0.8,
    format: "opus",
  });
  const usual = profileOf("Plain", { ...wayOf(profile), voice: "" }, "af_heart");
  expect(usual).toMatchObject({ voice: "af_heart", blend: null });
});

/** As a page finds it that is loaded anew. */
async function reload(): Promise<typeof useDraft> {
  vi.resetModules();
  return (await import("./draft")).useDraft;
}

test.each([
  ["nothing", null],
  ["another program's words", '"x"'],
  ["numbers for words", '{"state":{"text":7,"speed":"fast","format":"mp4","engine":null}}'],
  ["a speed beyond the limits", '{"state":{"speed":9}}'],
])("a storage with %s gives the usual draft", async (_what, stored) => {
  if (stored !== null) localStorage.setItem("parlando.speak", stored);
  const found = (await reload()).getState();
  expect(found).toMatchObject({ text: "", engine: "auto", speed: 1, format: "mp3" });
});

test("the text and how it is spoken outlive a reload", async () => {
  useDraft.setState({ text: "To be continued", speed: 0.3, format: "wav", voice: "af_sky" });
  const found = (await reload()).getState();
  expect(found).toMatchObject({ text: "To be continued", speed: 0.3, format: "wav", voice: "af_sky" });
});

test.each([
  ["", 0],
  ["abc", 3],
  ["naïve", 5],
  ["👩‍🚀", 3],
  ["𝔸b", 2],
])("“%s” has %i characters, as the server counts", (text, count) => {
  expect(lengthInCharacters(text)).toBe(count);
});
