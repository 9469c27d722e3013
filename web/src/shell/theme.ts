/** Light, dark, or as the system has it. The choice is remembered by the browser. */
import { useSyncExternalStore } from "react";
import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import { browserStorage } from "@/browser-storage";

export const THEMES = ["light", "dark", "system"] as const;
export type Theme = (typeof THEMES)[number];
type Scheme = "light" | "dark";

export const useTheme = create<{ theme: Theme }>()(
  persist((): { theme: Theme } => ({ theme: "system" }), {
    name: "parlando.theme",
    storage: createJSONStorage(() => browserStorage),
    merge: (saved, initial) => ({ theme: themeOf(saved) ?? initial.theme }),
  }),
);

/** What is in the browser's storage may be of another version, or anybody's. */
function themeOf(saved: unknown): Theme | undefined {
  const theme = typeof saved === "object" && saved !== null && "theme" in saved ? saved.theme : undefined;
  return THEMES.find((one) => one === theme);
}

const system = () => globalThis.matchMedia("(prefers-color-scheme: dark)");

/** What is shown now. */
export function schemeNow(): Scheme {
  const { theme } = useTheme.getState();
  if (theme === "system") return system().matches ? "dark" : "light";
  return theme;
}

function onSchemeChange(listener: () => void): () => void {
  const stop = useTheme.subscribe(listener);
  const query = system();
  query.addEventListener("change", listener);
  return () => {
    stop();
    query.removeEventListener("change", listener);
  };
}

export function useScheme(): Scheme {
  return useSyncExternalStore(onSchemeChange, schemeNow);
}

/** Keeps the document in the scheme; called once, before anything is drawn. Returns how to stop. */
export function followTheme(): () => void {
  const apply = () => {
    const { classList } = document.documentElement;
    classList.toggle("dark", schemeNow() === "dark");
    classList.toggle("light", schemeNow() === "light");
  };
  apply();
  return onSchemeChange(apply);
}

/** The other one of light and dark. */
export function toggleTheme(): void {
  useTheme.setState({ theme: schemeNow() === "dark" ? "light" : "dark" });
}
