import { useEffect, useState } from "react";
import type { Pull } from "@/api/models";

/** Shorter ones are of every network. */
export const STANDSTILL_MS = 5_000;

/** Whether a download has got nothing for a while; the event stream is silent then, so the page has to look. */
export function useStandstill({ state, bytes_done }: Pull): boolean {
  const now = `${state} ${bytes_done}`;
  const [stoodAt, setStoodAt] = useState<string | null>(null);
  useEffect(() => {
    if (state !== "downloading") return;
    const timer = setTimeout(() => setStoodAt(now), STANDSTILL_MS);
    return () => clearTimeout(timer);
  }, [state, now]);
  return state === "downloading" && stoodAt === now;
}
