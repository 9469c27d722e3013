/** How something is spoken: what a profile keeps, and a draft has beside its text. */
import type { Profile, ProfileBody } from "@/api/profiles";
import { type AudioFormat, FORMATS } from "@/api/speech";
import { AUTO_ENGINE } from "@/api/voices";
import { isBlend, parseBlend } from "./blend";

export interface Way {
  /** A name, or AUTO_ENGINE. */
  engine: string;
  /** Of the engine; empty: its best one. */
  model: string;
  /** An id or a blend; empty: the engine's default. */
  voice: string;
  speed: number;
  format: AudioFormat;
}

export const USUAL_WAY: Way = { engine: AUTO_ENGINE, model: "", voice: "", speed: 1, format: "mp3" };

export const PROFILE_NAME_MAX = 100; // characters, as the server has it

export const isFormat = (format: unknown): format is AudioFormat => FORMATS.some((one) => one === format);

export function wayOf({ backend, model, voice, blend, speed, format }: Profile): Way {
  return {
    engine: backend,
    model: model ?? "",
    voice: blend ?? voice,
    speed,
    format: isFormat(format) ? format : USUAL_WAY.format,
  };
}

/** fallback: the voice of an engine whose default was chosen; a profile names one. */
export function profileOf(name: string, way: Way, fallback: string): ProfileBody {
  const { engine, model, voice, speed, format } = way;
  const parts = isBlend(voice) ? parseBlend(voice) : undefined;
  return {
    name,
    backend: engine,
    model: model || null,
    voice: parts?.[0]?.voice ?? (voice || fallback),
    blend: isBlend(voice) ? voice : null,
    speed,
    format,
  };
}
