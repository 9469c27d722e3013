/** How loud sounds are played; the choice is remembered by the browser. */
import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import { browserStorage } from "@/browser-storage";

interface Volume {
  /** 0 to 1; what it goes back to when it is no longer muted. */
  level: number;
  isMuted: boolean;
}

export const useVolume = create<Volume>()(
  persist((): Volume => ({ level: 1, isMuted: false }), {
    name: "parlando.volume",
    storage: createJSONStorage(() => browserStorage),
    merge: (saved, initial) => volumeOf(saved) ?? initial,
  }),
);

/** What is in the browser's storage may be of another version, or anybody's. */
function volumeOf(saved: unknown): Volume | undefined {
  const { level, isMuted } = (saved ?? {}) as Partial<Record<keyof Volume, unknown>>;
  const isLevel = typeof level === "number" && level >= 0 && level <= 1;
  return isLevel && typeof isMuted === "boolean" ? { level, isMuted } : undefined;
}
