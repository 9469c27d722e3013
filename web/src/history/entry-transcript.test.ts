import { expect, test } from "vitest";
import "@/strings/strings";
import { makeTranscript } from "../../tests/history-entry";
import { transcriptionOf } from "./entry-transcript";

test("each word is the segment's in which it begins", () => {
  const words = ["One", "two", "three"].map((word, place) => ({ word, start: place, end: place + 0.9 }));
  const { name, segments, end } = transcriptionOf(
    makeTranscript({
      full_text: "One two three",
      words,
      segments: [
        { start: 0, end: 1.5, text: "One two" },
        { start: 2, end: 2.9, text: "three" },
      ],
    }),
  );
  expect(name).toBe("talk.mp3");
  expect(segments.map((one) => one.words.map(({ word }) => word))).toEqual([["One", "two"], ["three"]]);
  expect(end?.text).toBe("One two three");
});
