/** What was spoken in this tab of the browser, as entries of the history, the newest first. */
import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import { tabStorage } from "@/browser-storage";

/** More can be found in the history. */
const KEPT_MAX = 20;

export const useSessionResults = create<{ ids: readonly string[] }>()(
  persist((): { ids: readonly string[] } => ({ ids: [] }), {
    name: "parlando.spoken",
    storage: createJSONStorage(() => tabStorage),
    merge: (saved) => ({ ids: idsOf(saved) }),
  }),
);

function idsOf(saved: unknown): string[] {
  const ids: unknown = typeof saved === "object" && saved !== null && "ids" in saved ? saved.ids : [];
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
}

export function addResult(id: string): void {
  useSessionResults.setState(({ ids }) => ({
    ids: [id, ...ids.filter((one) => one !== id)].slice(0, KEPT_MAX),
  }));
}
