/** A mixture of voices, as the engines read it: "af_bella(2)+af_sky(1)". */

import type { Voice } from "@/api/client";
import { voiceName } from "@/voice/voice-names";

export interface BlendPart {
  voice: string;
  weight: number;
}

export const PARTS_MIN = 2;
export const PARTS_MAX = 8;
export const SHARE_MIN = 1;

/** What the others leave to one: each has a part at least. */
export const shareMax = (parts: readonly BlendPart[]) => 100 - SHARE_MIN * (parts.length - 1);

export const isBlend = (voice: string) => /[+(]/.test(voice);

const PART = /^\s*([^()+,\s]+)\s*(?:\(\s*(\d+(?:\.\d+)?|\.\d+)\s*\))?\s*$/;

/** Undefined for one that takes voices away from another, or that is none. */
export function parseBlend(blend: string): BlendPart[] | undefined {
  const parts = blend.split(/[+,]/).map((part) => PART.exec(part));
  if (parts.length < PARTS_MIN || parts.some((part) => part === null)) return undefined;
  return parts.map((part) => ({ voice: part?.[1] ?? "", weight: Number(part?.[2] ?? 1) }));
}

export const formatBlend = (parts: readonly BlendPart[]) =>
  parts.map(({ voice, weight }) => `${voice}(${weight})`).join("+");

/** "Bella + Sky"; what cannot be read as a blend stays as it is. */
export function blendName(voices: readonly Voice[], blend: string): string {
  const parts = parseBlend(blend) ?? [{ voice: blend, weight: 1 }];
  return parts.map(({ voice }) => voiceName(voices, voice)).join(" + ");
}

const sumOf = (parts: readonly BlendPart[]) => parts.reduce((total, { weight }) => total + weight, 0);

/** Finer than anybody hears, so that sliding to and fro leaves the others as they were. */
const rounded = (weight: number) => Math.max(Math.round(weight * 100) / 100, 0.01);

/** How much of the mixture each is, in percent. */
export function sharesOf(parts: readonly BlendPart[]): number[] {
  const sum = sumOf(parts);
  return parts.map(({ weight }) => (sum > 0 ? Math.round((weight / sum) * 100) : 0));
}

/** One becomes so many percent of the mixture; the others share the rest as they did the old one. */
export function withShare(parts: readonly BlendPart[], place: number, share: number): BlendPart[] {
  const others = sumOf(parts.filter((_, index) => index !== place)) || 1;
  return parts.map((part, index) => ({
    ...part,
    weight: rounded(index === place ? share : (part.weight / others) * (100 - share)),
  }));
}

/** With one more, which has as much of the mixture as the others have on average. */
export const withVoice = (parts: readonly BlendPart[], voice: string): BlendPart[] => [
  ...parts,
  { voice, weight: rounded(sumOf(parts) / parts.length) },
];
