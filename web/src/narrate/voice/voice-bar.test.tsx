import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import type { Settings } from "@/api/client";
import { renderPage, serve } from "../../../tests/page";
import { auditioner, useAudition } from "@/voice/audition";
import { VoiceBar } from "./voice-bar";

const voices = [
  { id: "af_bella", name: "Bella", language: "en-us", gender: "female" },
  { id: "af_sky", name: "Sky", language: "en-us", gender: "female" },
  { id: "am_adam", name: "Adam", language: "en-us", gender: "male" },
  { id: "bf_emma", name: "Emma", language: "en-gb", gender: "female" },
];

function serveVoices(settings: Partial<Settings> = {}) {
  const whole = { default_voice_id: "af_bella", tts_speed: 1, engine: "auto", ...settings };
  return serve(({ method, path, body }) => {
    if (path === "/api/voices/")
      return { body: { engine: "kokoro", default_voice: "af_bella", data: voices } };
    if (path !== "/api/settings/") return undefined;
    return { body: method === "PATCH" ? Object.assign(whole, body) : whole };
  });
}

const patches = (calls: ReturnType<typeof serve>) =>
  calls.filter(({ method }) => method === "PATCH").map(({ body }) => body);

async function open(sample?: string) {
  renderPage(<VoiceBar sample={sample} />);
  await userEvent.click(await screen.findByRole("button", { name: /^Voice: / }));
  return screen.findByRole("combobox", { name: "Search voices" });
}

const marked = () => {
  const id = screen.getByRole("combobox").getAttribute("aria-activedescendant") ?? "";
  return document.getElementById(id)?.textContent;
};

beforeEach(() => {
  useAudition.setState(useAudition.getInitialState(), true);
  vi.spyOn(auditioner, "stop").mockReturnValue();
});

test("the bar shows voice and speed, and the chosen one among the others", async () => {
  serveVoices({ tts_speed: 1.25 });
  expect(await open()).toHaveFocus();
  expect(screen.getByRole("button", { name: "Voice: Bella, speed 1.25×", hidden: true })).toBeVisible();
  expect(screen.getByRole("row", { selected: true })).toHaveTextContent("Bella");
  expect(screen.getAllByRole("rowheader").map((one) => one.textContent)).toEqual([
    "American English · female",
    "American English · male",
    "British English · female",
  ]);
  expect(screen.getByText(/The engine kokoro speaks/)).toBeVisible();
  expect(screen.getByText(/Recordings made before stay as they are/)).toBeVisible();
});

test("arrows walk the voices around, and Enter saves one at once", async () => {
  const calls = serveVoices();
  await open();
  expect(marked()).toMatch(/^Bella/);
  await userEvent.keyboard("{ArrowUp}");
  expect(marked()).toMatch(/^Emma/);
  await userEvent.keyboard("{ArrowDown}{ArrowDown}");
  expect(marked()).toMatch(/^Sky/);
  await userEvent.keyboard("{Enter}");
  await vi.waitFor(() => expect(patches(calls)).toEqual([{ default_voice_id: "af_sky" }]));
  expect(await screen.findByRole("row", { selected: true })).toHaveTextContent("Sky");
});

test("a search narrows the voices and marks the first of them", async () => {
  serveVoices();
  await open();
  await userEvent.keyboard("brit");
  expect(screen.getAllByRole("row", { name: /\w_/ }).map((one) => one.textContent)).toEqual(["Emmabf_emma"]);
  expect(marked()).toMatch(/^Emma/);
  await userEvent.keyboard("xxx");
  expect(screen.getByRole("status")).toHaveTextContent("No voice is called like that.");
  expect(screen.getByRole("combobox")).not.toHaveAttribute("aria-activedescendant");
});

test("Shift+Enter lets the marked one be heard, with the first sentences of the sample", async () => {
  const calls = serveVoices({ tts_speed: 1.5 });
  const listen = vi.spyOn(auditioner, "listen").mockResolvedValue();
  await open("It was dark. And stormy.");
  await userEvent.keyboard("{ArrowDown}{Shift>}{Enter}{/Shift}");
  expect(listen).toHaveBeenCalledWith({ voice: "af_sky", speed: 1.5, text: "It was dark. And stormy." });
  expect(patches(calls)).toEqual([]);
});

test("each voice has a button to hear it, and to stop it", async () => {
  serveVoices();
  const listen = vi.spyOn(auditioner, "listen").mockResolvedValue();
  const stop = vi.spyOn(auditioner, "stop").mockReturnValue();
  await open();
  await userEvent.click(screen.getByRole("button", { name: "Listen to Emma" }));
  expect(listen).toHaveBeenCalledWith({ voice: "bf_emma", speed: 1 });
  useAudition.setState({ voice: "bf_emma", status: "playing", error: null });
  await userEvent.click(await screen.findByRole("button", { name: "Stop Emma" }));
  expect(stop).toHaveBeenCalled();
});

test("what cannot be heard is said", async () => {
  serveVoices();
  await open();
  useAudition.setState({ voice: "bf_emma", status: "failed", error: "The engine is busy." });
  expect(await screen.findByRole("alert")).toHaveTextContent("The engine is busy.");
});

test("the speed is saved and heard when it has settled, once", async () => {
  const calls = serveVoices();
  const listen = vi.spyOn(auditioner, "listen").mockResolvedValue();
  await open();
  screen.getByRole("slider", { name: "Speed" }).focus();
  await userEvent.keyboard("{ArrowRight}{ArrowRight}{ArrowRight}");
  expect(screen.getByRole("slider")).toHaveAttribute("aria-valuetext", "1.15 times");
  expect(patches(calls)).toEqual([]);
  await vi.waitFor(() => expect(patches(calls)).toEqual([{ tts_speed: 1.15 }]));
  expect(listen).toHaveBeenCalledExactlyOnceWith({ voice: "af_bella", speed: 1.15 });
});

test("a speed is not lost by closing", async () => {
  const calls = serveVoices();
  vi.spyOn(auditioner, "listen").mockResolvedValue();
  await open();
  screen.getByRole("slider", { name: "Speed" }).focus();
  await userEvent.keyboard("{ArrowLeft}{Escape}");
  await vi.waitFor(() => expect(patches(calls)).toEqual([{ tts_speed: 0.95 }]));
});

test("a blend is shown as it is", async () => {
  serveVoices({ default_voice_id: "af_bella(2)+af_sky(1)" });
  await open();
  expect(screen.getByText("Chosen now: the blend af_bella(2)+af_sky(1).")).toBeVisible();
  expect(screen.queryByRole("row", { selected: true })).toBeNull();
});

test("of a voice that the engine does not know it is said who speaks instead, and that one is marked", async () => {
  serveVoices({ default_voice_id: "en-us" });
  await open();
  expect(
    screen.getByText("kokoro does not know the chosen voice en-us; Bella speaks instead."),
  ).toBeVisible();
  expect(marked()).toMatch(/^Bella/);
});

test("an engine that is not there is explained", async () => {
  serve(({ path }) =>
    path === "/api/settings/"
      ? { body: { default_voice_id: "af_bella", tts_speed: 1, engine: "kokoro" } }
      : { status: 503, body: { detail: "TTS model not available. Please install kokoro-v0_19.onnx." } },
  );
  renderPage(<VoiceBar sample={undefined} />);
  await userEvent.click(await screen.findByRole("button", { name: /^Voice: af_bella/ }));
  expect(await screen.findByRole("alert")).toHaveTextContent(/Please install/);
});
