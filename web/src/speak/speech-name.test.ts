import { expect, test } from "vitest";
import { speechName } from "./speech-name";

test.each([
  [
    "The clocks were striking thirteen.",
    "af_bella",
    "mp3",
    "The clocks were striking thirteen - af_bella.mp3",
  ],
  ["  First line\nsecond line", "en-us", "wav", "First line - en-us.wav"],
  [
    "It was the best of times, it was the worst of times, it was the age of wisdom",
    "am_adam",
    "opus",
    "It was the best of times, it was the worst of - am_adam.opus",
  ],
  ["a".repeat(60), "x", "flac", `${"a".repeat(48)} - x.flac`],
  ["What/is:this?", "af_bella(2)+af_sky(1)", "aac", "What is this - af_bella(2)+af_sky(1).aac"],
  ["…?", "", "pcm", "….pcm"],
  ["???", "", "pcm", "speech.pcm"],
])("“%s” by %s becomes %s", (text, voice, format, name) => {
  expect(speechName(text, voice, format)).toBe(name);
});
