/**
 * Sound that is heard while it still arrives. Where the browser cannot play its type so, it is heard once it is
 * there as a whole; and what is more than the browser keeps of it is left to that whole, too.
 */

export function canStream(mediaType: string): boolean {
  return typeof MediaSource !== "undefined" && MediaSource.isTypeSupported(mediaType);
}

/** Resolves at the next event of that name. */
const next = (target: EventTarget, name: string) =>
  new Promise<void>((resolve) => target.addEventListener(name, () => resolve(), { once: true }));

export class StreamedSound {
  /** For a media element, which the sound begins in. */
  readonly url: string;
  readonly #source = new MediaSource();
  /** What is done with the bytes, one after the other; it never goes on when no element takes the sound. */
  #work: Promise<void>;
  #buffer: SourceBuffer | undefined;
  /** The browser keeps no more of it. */
  #isGivenUp = false;

  constructor(mediaType: string) {
    this.url = URL.createObjectURL(this.#source);
    this.#work = next(this.#source, "sourceopen").then(() => {
      this.#buffer = this.#source.addSourceBuffer(mediaType);
    });
  }

  push(bytes: Uint8Array<ArrayBuffer>): void {
    this.#work = this.#work.then(() => this.#append(bytes));
  }

  /** All was pushed. One that was given up has no end here: the element waits there for the whole. */
  end(): void {
    this.#work = this.#work.then(() => {
      if (!this.#isGivenUp && this.#isOpen()) this.#source.endOfStream();
    });
  }

  /** The element has turned to another address, or will. */
  release(): void {
    URL.revokeObjectURL(this.url);
  }

  #isOpen(): boolean {
    return this.#source.readyState === "open";
  }

  async #append(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const buffer = this.#buffer;
    if (!buffer || this.#isGivenUp || !this.#isOpen()) return;
    const updated = next(buffer, "updateend");
    try {
      buffer.appendBuffer(bytes);
    } catch {
      this.#isGivenUp = true;
      return;
    }
    await updated;
  }
}
