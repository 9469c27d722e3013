/**
 * The speech under way or the one before: asked for, heard from its first sentence on where the browser can,
 * whole at its end. It goes on while another tab of the page is shown; a new one ends it.
 */
import { create } from "zustand";
import { ApiError, wordsOf } from "@/api/client";
import { readSpeech, type SpeechAnswer } from "@/api/speech";
import { type ClipPlayer, clipPlayer } from "@/sound/clip-player";
import { canStream, StreamedSound } from "@/sound/streamed-sound";
import { finishedWav, wavOfSamples } from "@/sound/whole-sound";
import { addResult } from "./session-results";

/** What is spoken, and how it is asked for. */
export interface Wish {
  text: string;
  format: string;
  speed: number;
  /** The tab of the page that asks, which shows how it gets on. */
  origin: "speak" | "history";
  ask: (signal: AbortSignal) => Promise<SpeechAnswer>;
}

export interface Spoken extends Omit<Wish, "ask" | "origin"> {
  /** Of the clip that plays it. */
  id: string;
  engine: string;
  /** Empty where the engine has only one. */
  model: string;
  voice: string;
  /** Its entry, once it is whole and kept. */
  historyId: string | null;
  /** Whether it is heard while it arrives. */
  isStreamed: boolean;
  /** Bytes that are here. */
  bytes: number;
  /** Milliseconds from the request to the first sound, and to the last; null before. */
  firstMs: number;
  tookMs: number | null;
  /** What there is of it once no more comes: to be downloaded, and to be played, at this address. */
  file: Blob | null;
  playable: Blob | null;
  url: string | null;
}

interface Speaking {
  /** asking: no sound yet. */
  status: "idle" | "asking" | "arriving" | "done" | "stopped" | "failed";
  wish: Wish | null;
  spoken: Spoken | null;
  /** Why it failed, and the answer's status, where there was one. */
  error: string | null;
  errorStatus: number;
}

const IDLE: Speaking = { status: "idle", wish: null, spoken: null, error: null, errorStatus: 0 };

export const useSpeaking = create<Speaking>(() => IDLE);

export const isUnderWay = ({ status }: Speaking) => status === "asking" || status === "arriving";

const isAborted = (error: unknown) => error instanceof DOMException && error.name === "AbortError";

/** As a file, and as one that the browser plays: bare samples are none. */
async function wholeOf(pieces: Uint8Array<ArrayBuffer>[], mediaType: string, format: string) {
  const arrived = new Blob(pieces, { type: mediaType });
  const file = format === "wav" ? await finishedWav(arrived) : arrived;
  return { file, playable: format === "pcm" ? wavOfSamples(file) : file };
}

export class Speaker {
  #stop = new AbortController();
  #count = 0;

  constructor(private readonly player: Pick<ClipPlayer, "play" | "pause" | "replace" | "stop">) {}

  async speak(wish: Wish): Promise<void> {
    this.#stop.abort();
    this.#forget();
    const stop = (this.#stop = new AbortController());
    const began = performance.now();
    useSpeaking.setState({ ...IDLE, status: "asking", wish });
    try {
      const answer = await wish.ask(stop.signal);
      await this.#receive(this.#begin(wish, answer, began), answer, began);
      stop.signal.throwIfAborted();
      useSpeaking.setState({ status: "done" });
    } catch (error) {
      if (this.#stop !== stop) return; // another one has begun
      const status = error instanceof ApiError ? error.status : 0;
      useSpeaking.setState(
        isAborted(error)
          ? { status: "stopped" }
          : { status: "failed", error: wordsOf(error), errorStatus: status },
      );
    }
  }

  /** What failed, or was stopped. */
  again(): void {
    const { wish } = useSpeaking.getState();
    if (wish) void this.speak(wish);
  }

  /** Forgets the last one, as if nothing had been spoken. */
  clear(): void {
    this.#stop.abort();
    this.#forget();
    useSpeaking.setState(IDLE);
  }

  /** What has arrived stays. */
  stop(): void {
    this.#stop.abort();
    this.player.pause();
  }

  #begin({ text, format, speed }: Wish, answer: SpeechAnswer, began: number): Spoken {
    const { engine, model, voice, mediaType } = answer;
    const spoken: Spoken = {
      ...{ id: `spoken-${++this.#count}`, text, format, speed, engine, model, voice },
      historyId: null,
      isStreamed: canStream(mediaType),
      bytes: 0,
      firstMs: performance.now() - began,
      tookMs: null,
      file: null,
      playable: null,
      url: null,
    };
    useSpeaking.setState({ status: "arriving", spoken });
    return spoken;
  }

  async #receive({ id, format, isStreamed }: Spoken, answer: SpeechAnswer, began: number): Promise<void> {
    const { mediaType, historyId } = answer;
    const live = isStreamed ? new StreamedSound(mediaType) : null;
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const isWhole = { tookMs: 0, historyId: null as string | null };

    if (live) this.player.play({ id, url: live.url, duration: null });
    try {
      await readSpeech(answer, (piece) => {
        pieces.push(piece);
        this.#change(id, ({ bytes }) => ({ bytes: bytes + piece.length }));
        live?.push(piece);
      });
      live?.end();
      isWhole.tookMs = performance.now() - began;
      isWhole.historyId = historyId;
    } finally {
      const { file, playable } = await wholeOf(pieces, mediaType, format);
      this.#keep(id, file, playable, isStreamed);
    }
    this.#change(id, () => isWhole);
    if (historyId !== null) addResult(historyId);
  }

  /** Plays the whole from now on; unless another speech has begun. */
  #keep(id: string, file: Blob, playable: Blob, isStreamed: boolean): void {
    if (useSpeaking.getState().spoken?.id !== id || file.size === 0) return;
    const url = URL.createObjectURL(playable);
    this.#change(id, () => ({ file, playable, url }));
    if (isStreamed) this.player.replace({ id, url, duration: null });
    else this.player.play({ id, url, duration: null });
  }

  #change(id: string, change: (spoken: Spoken) => Partial<Spoken>): void {
    useSpeaking.setState(({ spoken }) =>
      spoken?.id === id ? { spoken: { ...spoken, ...change(spoken) } } : {},
    );
  }

  #forget(): void {
    const { spoken } = useSpeaking.getState();
    if (!spoken) return;
    this.player.stop(spoken.id);
    if (spoken.url !== null) URL.revokeObjectURL(spoken.url);
  }
}

export const speaker = new Speaker(clipPlayer);
