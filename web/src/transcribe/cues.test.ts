import { expect, test } from "vitest";
import type { SpokenSegment } from "@/api/transcriptions";
import { cuesOf } from "./cues";

/** Words one after another, each so many seconds long. */
function segmentOf(text: string, secondsEach: number, start = 0): SpokenSegment {
  const words = text.split(" ").map((word, place) => ({
    word,
    start: start + place * secondsEach,
    end: start + (place + 1) * secondsEach,
  }));
  return { start, end: words.at(-1)?.end ?? start, text, words };
}

test("a short sentence is one cue with its own times", () => {
  expect(cuesOf([segmentOf("Hello there.", 0.5, 2)])).toEqual([{ start: 2, end: 3, text: "Hello there." }]);
});

test("each sentence has a cue of its own, but for very short ones", () => {
  const cues = cuesOf([segmentOf("Then it rang. “Who is it?” Mr. Nobody answered", 0.4)]);
  expect(cues.map(({ text }) => text)).toEqual(["Then it rang.", "“Who is it?”", "Mr. Nobody answered"]);
});

test("no cue is longer than two lines of 42 columns, and no word is lost", () => {
  const text = Array.from({ length: 60 }, (_, place) => `word${place}`).join(" ");
  const cues = cuesOf([segmentOf(text, 0.1)]);
  for (const { text: shown } of cues) {
    const lines = shown.split("\n");
    expect(lines.length).toBeLessThanOrEqual(2);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(42);
  }
  expect(cues.map(({ text: shown }) => shown.replace("\n", " ")).join(" ")).toBe(text);
});

test("no cue lasts longer than seven seconds, and none overlap", () => {
  const cues = cuesOf([segmentOf("a slow speech with a rest behind each of its few words", 2)]);
  expect(cues.length).toBeGreaterThan(3);
  for (const { start, end } of cues) expect(end - start).toBeLessThanOrEqual(7);
  for (const [place, { start }] of cues.entries())
    expect(start).toBeGreaterThanOrEqual(cues[place - 1]?.end ?? 0);
});

test("a word that is wider than a line, or longer than a cue, is not cut", () => {
  const long = "a".repeat(60);
  expect(cuesOf([segmentOf(`so ${long} it`, 8)]).map(({ text }) => text)).toEqual(["so", long, "it"]);
});

test("a segment whose words have no times keeps its own", () => {
  expect(cuesOf([{ start: 1, end: 4, text: "Hm.", words: [] }])).toEqual([{ start: 1, end: 4, text: "Hm." }]);
});
