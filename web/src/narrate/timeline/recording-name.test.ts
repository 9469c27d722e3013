import { expect, test } from "vitest";
import { recordingName } from "./recording-name";

test.each([
  ["The Lamp at Gull Point", 1, 6, "The Lamp at Gull Point - 01.wav"],
  ["The Lamp at Gull Point", 42, 1200, "The Lamp at Gull Point - 0042.wav"],
  ["Dr. Müller: Wer bin ich?", 3, 12, "Dr. Müller Wer bin ich - 03.wav"],
  ["../../etc/passwd", 1, 1, "etc passwd - 01.wav"],
  ["AC/DC\\\n*live*", 7, 100, "AC DC live - 007.wav"],
  ["???", 1, 1, "01.wav"],
])("the recording of “%s”, number %i of %i, is called %s", (title, number, count, name) => {
  expect(recordingName(title, number, count)).toBe(name);
});

test("a title without end fits the name of a file", () => {
  const name = recordingName("灯".repeat(300), 1, 1000);
  expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(255);
  expect(name).toMatch(/^灯+ - 0001\.wav$/);
});
