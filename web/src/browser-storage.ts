/**
 * The browser's storage as far as it is to be had. Where it is full or forbidden, what was chosen holds until
 * the page ends; Zustand's persist would throw at whoever chose it.
 */
function quietly<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch {
    return otherwise;
  }
}

const quiet = (storage: () => Storage) => ({
  getItem: (name: string) => quietly(() => storage().getItem(name), null),
  setItem: (name: string, value: string) => quietly(() => storage().setItem(name, value), undefined),
  removeItem: (name: string) => quietly(() => storage().removeItem(name), undefined),
});

export const browserStorage = quiet(() => localStorage);

/** Until the tab is closed. */
export const tabStorage = quiet(() => sessionStorage);
