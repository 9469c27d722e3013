import { expect, test } from "vitest";
import { clock, lengthOf, moment, tenths, timeLeft } from "./time";

test.each([
  [0, "0:00"],
  [5.9, "0:05"],
  [760, "12:40"],
  [3723, "1:02:03"],
  [-1, "0:00"],
])("%d s on a clock", (seconds, words) => expect(clock(seconds)).toBe(words));

test.each([
  [0.5, "0:01"],
  [5.2, "0:05"],
  [5.6, "0:06"],
  [59.7, "1:00"],
])("%d s as a length", (seconds, words) => expect(lengthOf(seconds)).toBe(words));

test("a recording's length has tenths", () => expect(tenths(5.24)).toBe("5.2s"));

test.each([
  [0, "Less than a minute left"],
  [54, "Less than a minute left"],
  [55, "About a minute left"],
  [130, "About 2 minutes left"],
  [59.4 * 60, "About 59 minutes left"],
  [59.6 * 60, "About 1 h 0 min left"],
  [80 * 60, "About 1 h 20 min left"],
])("%d s that are left", (seconds, words) => expect(timeLeft(seconds)).toBe(words));

test("a moment of today is a time, any other has its day", () => {
  const now = new Date(2026, 4, 4, 15, 0);
  expect(moment(new Date(2026, 4, 4, 14, 5).toISOString(), now)).toBe("14:05");
  expect(moment(new Date(2026, 4, 3, 14, 5).toISOString(), now)).toBe("May 3, 14:05");
  expect(moment(new Date(2026, 4, 4, 0, 5).toISOString(), now)).toBe("00:05");
});
