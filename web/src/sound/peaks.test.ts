import { expect, test } from "vitest";
import { peaksOf } from "./peaks";

test("each part shows its greatest magnitude", () => {
  expect(peaksOf(new Float32Array([0, 0.25, -0.5, 0.125, 0, -0.75]), 3)).toEqual([0.25, 0.5, 0.75]);
});

test("there are no more parts than samples, and none is above 1", () => {
  expect(peaksOf(new Float32Array([1.5, -2]), 400)).toEqual([1, 1]);
  expect(peaksOf(new Float32Array([]), 400)).toEqual([]);
});

test("parts of unequal length leave no sample out", () => {
  const samples = new Float32Array(1001);
  samples[1000] = 0.5;
  expect(peaksOf(samples, 400).at(-1)).toBe(0.5);
});
