/** The page sounds once at a time: who begins makes all others rest. */

export interface Source {
  rest: () => void;
}

export class Stage {
  #sources = new Set<Source>();

  /** From now on this one is heard, until another one takes the stage. */
  take(source: Source): void {
    this.#sources.add(source);
    for (const one of this.#sources) if (one !== source) one.rest();
  }
}

/** The page's. */
export const stage = new Stage();
