import { expect, test } from "vitest";
import {
  blendName,
  formatBlend,
  isBlend,
  parseBlend,
  shareMax,
  sharesOf,
  withShare,
  withVoice,
} from "./blend";

const voices = [
  { id: "af_bella", name: "Bella", language: "en-us", gender: "female" },
  { id: "af_sky", name: "Sky", language: "en-us", gender: "female" },
];

test.each([
  ["af_bella(2)+af_sky(1)", [["af_bella", 2] as const, ["af_sky", 1] as const]],
  [" af_bella ( .5 ) , af_sky", [["af_bella", 0.5] as const, ["af_sky", 1] as const]],
])("%s is read as its parts", (blend, parts) => {
  expect(parseBlend(blend)).toEqual(parts.map(([voice, weight]) => ({ voice, weight })));
});

test.each(["af_bella", "", "af_bella(2)", "af_bella+", "af_bella(2)-af_sky(1)", "a(1)+b(x)"])(
  "“%s” is no blend that can be edited",
  (blend) => {
    expect(parseBlend(blend)).toBeUndefined();
  },
);

test("what was written is read again", () => {
  const parts = [
    { voice: "af_bella", weight: 2.5 },
    { voice: "af_sky", weight: 0.1 },
  ];
  expect(parseBlend(formatBlend(parts))).toEqual(parts);
  expect(isBlend(formatBlend(parts))).toBe(true);
  expect(isBlend("af_bella")).toBe(false);
});

test("shares are of the sum, in percent", () => {
  expect(
    sharesOf([
      { voice: "a", weight: 2 },
      { voice: "b", weight: 1 },
    ]),
  ).toEqual([67, 33]);
});

const parts = (...weights: number[]) => weights.map((weight, index) => ({ voice: `v${index}`, weight }));

test("who gets a share has it, and the others divide the rest as before", () => {
  expect(withShare(parts(1, 1), 0, 67)).toEqual(parts(67, 33));
  expect(withShare(parts(2, 1, 1), 0, 20)).toEqual(parts(20, 40, 40));
  expect(sharesOf(withShare(parts(4, 2, 1), 1, 50))).toEqual([40, 50, 10]);
  expect(sharesOf(withShare(parts(0, 0), 0, 99))).toEqual([100, 0]);
});

test("sliding to the end and back leaves the others as they were", () => {
  const far = withShare(parts(40, 40, 20), 0, shareMax(parts(1, 1, 1)));
  expect(sharesOf(far)).toEqual([98, 1, 1]);
  expect(sharesOf(withShare(far, 0, 40))).toEqual([40, 40, 20]);
});

test("a further voice has an equal part", () => {
  expect(sharesOf(withVoice(parts(50, 50), "v2"))).toEqual([33, 33, 33]);
});

test("a blend is called by the names of its voices", () => {
  expect(blendName(voices, "af_bella(2)+af_sky(1)")).toBe("Bella + Sky");
  expect(blendName(voices, "af_sky")).toBe("Sky");
  expect(blendName(voices, "a(1)-b(2)")).toBe("a(1)-b(2)");
});
