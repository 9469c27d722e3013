import { expect, test } from "vitest";
import { SAMPLE_MAX, sampleText } from "./sample-text";

const long = "word ".repeat(100);

test.each([
  { name: "nothing", text: undefined, sample: undefined },
  { name: "white space", text: " \n ", sample: undefined },
  { name: "no words", text: "... !", sample: undefined },
  { name: "one sentence", text: "It was dark.", sample: "It was dark." },
  { name: "short sentences", text: "  It was dark. And stormy.", sample: "It was dark. And stormy." },
  { name: "dots before the words", text: "... It was dark.", sample: "It was dark." },
  { name: "no end", text: "It was dark", sample: "It was dark" },
  {
    name: "an abbreviation",
    text: "Dr. Hale set the lamp upon the table and waited. Nobody came.",
    sample: "Dr. Hale set the lamp upon the table and waited.",
  },
  {
    name: "a cry",
    text: "Stop! He did not listen, and ran on to the bridge. It was gone.",
    sample: "Stop! He did not listen, and ran on to the bridge.",
  },
])("of $name the first sentences with words are said", ({ text, sample }) => {
  expect(sampleText(text)).toBe(sample);
});

test("a long sentence is cut between words", () => {
  expect(sampleText(long)).toBe("word ".repeat(60).trim());
});

test("a long word is cut between characters", () => {
  expect(sampleText("𐐀".repeat(500))).toBe("𐐀".repeat(SAMPLE_MAX));
});
