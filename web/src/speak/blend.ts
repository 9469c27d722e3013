/** A mixture of voices, as the engines read it: "af_bella(2)+af_sky(1)". */

import type { Voice } from "@/api/client";
import { voiceName } from "@/voice/voice-names";

export interface BlendPart {
  voice: string;
  weight: number;
}

export const PARTS_MIN = 2;
export const PARTS_MAX = 8;
export const WEIGHT_MIN = 0.1;
export const WEIGHT_MAX = 4;

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

/** How much of the mixture each is, in percent. */
export function sharesOf(parts: readonly BlendPart[]): number[] {
  const sum = parts.reduce((total, { weight }) => total + weight, 0);
  return parts.map(({ weight }) => (sum > 0 ? Math.round((weight / sum) * 100) : 0));
}
