/**
 * The browser's storage as far as it is to be had. Where it is full or forbidden, what was chosen holds until
 * the page ends; Zustand's persist would throw at whoever chose it.
 */
import type { StateStorage } from "zustand/middleware";

function quietly<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch {
    return otherwise;
  }
}

export const browserStorage: StateStorage = {
  getItem: (name) => quietly(() => localStorage.getItem(name), null),
  setItem: (name, value) => quietly(() => localStorage.setItem(name, value), undefined),
  removeItem: (name) => quietly(() => localStorage.removeItem(name), undefined),
};
