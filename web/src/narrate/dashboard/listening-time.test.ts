import { expect, test } from "vitest";
import { listeningTime } from "./listening-time";

test.each([
  [0, "5 s"],
  [15 * 12, "15 s"],
  [15 * 54, "55 s"],
  [15 * 58, "1 min"],
  [15 * 60 * 42, "42 min"],
  [15 * 60 * 60, "1 h 0 min"],
  [15 * 60 * 200, "3 h 20 min"],
])("%i characters are listened to for %s", (characters, time) => {
  expect(listeningTime(characters)).toBe(time);
});
