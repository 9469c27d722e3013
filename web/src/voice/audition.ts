/**
 * A few seconds of a voice. What was heard before sounds again at once; one audition ends another.
 */
import { create } from "zustand";
import { ApiError, type Schemas } from "@/api/client";
import { audition } from "@/api/voices";
import { type Source, type Stage, stage } from "@/sound/stage";
import { t } from "@/strings/strings";

interface Audition {
  /** The id of the voice. */
  voice: string | null;
  status: "idle" | "loading" | "playing" | "failed";
  /** Why it failed. */
  error: string | null;
}

const IDLE: Audition = { voice: null, status: "idle", error: null };

export const useAudition = create<Audition>(() => IDLE);

/** Some 100 kB each. */
const KEPT_MAX = 30;

export class Auditioner implements Source {
  #audio: HTMLAudioElement | undefined;
  #asking = new AbortController();
  /** Addresses of blobs by what they say, the one heard last at the end. */
  #heard = new Map<string, string>();

  constructor(
    private readonly createAudio: () => HTMLAudioElement,
    private readonly stage: Stage,
  ) {}

  async listen(wanted: Schemas["AuditionBody"]): Promise<void> {
    this.stop();
    this.stage.take(this);
    const asking = this.#asking;
    useAudition.setState({ voice: wanted.voice, status: "loading", error: null });
    try {
      const url = await this.#find(wanted, asking.signal);
      if (!asking.signal.aborted) await this.#sound(url);
    } catch (error) {
      if (asking.signal.aborted) return;
      const words = error instanceof ApiError ? error.message : t("voice.errorPlay");
      useAudition.setState({ status: "failed", error: words });
    }
  }

  /** Another source is heard. */
  rest(): void {
    this.stop();
  }

  stop(): void {
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#audio?.pause();
    useAudition.setState(IDLE);
  }

  async #find(wanted: Schemas["AuditionBody"], signal: AbortSignal): Promise<string> {
    const { voice, engine, speed, text } = wanted;
    const key = JSON.stringify([voice, engine, speed, text]);
    const url = this.#heard.get(key) ?? URL.createObjectURL(await audition(wanted, signal));
    this.#heard.delete(key);
    this.#heard.set(key, url);
    for (const [old, oldUrl] of this.#heard) {
      if (this.#heard.size <= KEPT_MAX) break;
      this.#heard.delete(old);
      URL.revokeObjectURL(oldUrl);
    }
    return url;
  }

  async #sound(url: string): Promise<void> {
    const audio = (this.#audio ??= this.#createElement());
    audio.src = url;
    await audio.play();
    useAudition.setState({ status: "playing" });
  }

  #createElement(): HTMLAudioElement {
    const audio = this.createAudio();
    audio.addEventListener("ended", () => useAudition.setState(IDLE));
    return audio;
  }
}

export const auditioner = new Auditioner(() => new Audio(), stage);
