/** What is about to be spoken, and how; the browser remembers it. */
import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import type { Profile } from "@/api/profiles";
import { SPEED_MAX, SPEED_MIN, type SpeechBody } from "@/api/speech";
import { browserStorage } from "@/browser-storage";
import { isFormat, USUAL_WAY, type Way, wayOf } from "./way";

export interface Draft extends Way {
  text: string;
  /** BCP 47; empty: the voice's own. */
  language: string;
  /** The profile that the way was taken from; empty: none. */
  profileId: string;
}

const EMPTY: Draft = { ...USUAL_WAY, text: "", language: "", profileId: "" };

export const useDraft = create<Draft>()(
  persist((): Draft => EMPTY, {
    name: "parlando.speak",
    storage: createJSONStorage(() => browserStorage),
    merge: (saved) => ({ ...EMPTY, ...draftOf(saved) }),
  }),
);

function isSpeed(speed: unknown): speed is number {
  return typeof speed === "number" && speed >= SPEED_MIN && speed <= SPEED_MAX;
}

/** What is in the browser's storage may be of another version, or anybody's. */
function draftOf(saved: unknown): Partial<Draft> {
  if (typeof saved !== "object" || saved === null) return {};
  const { speed, format, ...rest } = saved as Partial<Record<keyof Draft, unknown>>;
  const texts = Object.entries(rest).filter(([name, value]) => name in EMPTY && typeof value === "string");
  return {
    ...(Object.fromEntries(texts) as Partial<Draft>),
    ...(isSpeed(speed) && { speed }),
    ...(isFormat(format) && { format }),
  };
}

const WAY_PARTS = Object.keys(USUAL_WAY) as (keyof Way)[];

/** Does it speak as the profile does? A profile has no language but its voice's. */
export function isAsProfile(draft: Draft, profile: Profile): boolean {
  const way = wayOf(profile);
  return draft.language === "" && WAY_PARTS.every((part) => draft[part] === way[part]);
}

/** The text stays. */
export function applyProfile(profile: Profile): void {
  useDraft.setState({ ...wayOf(profile), language: "", profileId: profile.id });
}

/** A model's name that leaves the choice to the engine, which is named beside it. */
const ANY_MODEL = "tts-1";

export function speechOf(draft: Draft): SpeechBody {
  const { text, engine, model, voice, speed, format, language, profileId } = draft;
  return {
    input: text,
    model: model || ANY_MODEL,
    engine,
    ...(voice && { voice }),
    ...(language && { language }),
    speed,
    response_format: format,
    profile_id: profileId,
  };
}

/** As the server counts: code points. */
export function lengthInCharacters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) count++;
  return count;
}
