import { expect, test } from "vitest";
import type { SpokenSegment } from "@/api/transcriptions";
import { indexAt, partsOf } from "./spoken-text";

const segment = (text: string, ...words: string[]): SpokenSegment => ({
  start: 0,
  end: words.length,
  text,
  words: words.map((word, start) => ({ word, start, end: start + 1 })),
});

const shown = (of: SpokenSegment) => partsOf(of).map(({ text, word }) => (word ? `[${text}]` : text));

test("words are found where they stand, and all of the text is kept", () => {
  expect(shown(segment("“No, no!” he said.", "No,", "no!”", "he", "said."))).toEqual([
    "“",
    "[No,]",
    " ",
    "[no!”]",
    " ",
    "[he]",
    " ",
    "[said.]",
  ]);
});

test("a word that is not in the text is passed over", () => {
  expect(shown(segment("two dollars", "$2", "two", "", "dollars"))).toEqual(["[two]", " ", "[dollars]"]);
});

test("without words the text is one part", () => {
  expect(shown(segment("Hm."))).toEqual(["Hm."]);
  expect(shown(segment(""))).toEqual([]);
});

test.each([
  [-1, -1],
  [0.9, -1],
  [1, 0],
  [2.9, 0],
  [3, 1],
  [99, 2],
])("at %d the last that has begun is %d", (time, index) =>
  expect(indexAt([{ start: 1 }, { start: 3 }, { start: 5 }], time)).toBe(index),
);
