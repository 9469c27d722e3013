/**
 * The recording on the page, as it is played. One media element at a time is attached; what is shown of it lives
 * in usePlayback, whose time changes with each frame, so select only what is needed.
 */
import { create } from "zustand";
import { type Source, stage } from "@/sound/stage";

interface Playing {
  isPlaying: boolean;
  /** Seconds. */
  time: number;
  /** 0 until it is known. */
  duration: number;
  /** The browser knows nothing of this kind of file. */
  hasFailed: boolean;
}

const SILENCE: Playing = { isPlaying: false, time: 0, duration: 0, hasFailed: false };

export const usePlayback = create<Playing>(() => SILENCE);

/** Past every end. */
const FAR_S = 1e7;

class Playback implements Source {
  #media: HTMLMediaElement | undefined;
  #frame = 0;

  /** Returns how to detach it. */
  attach(media: HTMLMediaElement): () => void {
    const stop = new AbortController();
    const on = (name: keyof HTMLMediaElementEventMap, act: () => void) =>
      media.addEventListener(name, act, { signal: stop.signal });
    let isMeasuring = false;

    this.#media = media;
    usePlayback.setState(SILENCE);
    on("play", () => {
      stage.take(this);
      usePlayback.setState({ isPlaying: true });
      this.#follow();
    });
    on("pause", () => usePlayback.setState({ isPlaying: false }));
    on("timeupdate", () => {
      if (!isMeasuring) usePlayback.setState({ time: media.currentTime });
    });
    on("loadedmetadata", () => {
      // What a browser recorded does not say how long it is; the browser knows once it has been at the end.
      isMeasuring = media.duration === Infinity;
      if (isMeasuring) media.currentTime = FAR_S;
    });
    on("durationchange", () => {
      if (!Number.isFinite(media.duration)) return;
      if (isMeasuring) media.currentTime = 0;
      isMeasuring = false;
      usePlayback.setState({ duration: media.duration });
    });
    on("error", () => usePlayback.setState({ hasFailed: true, isPlaying: false }));

    return () => {
      stop.abort();
      cancelAnimationFrame(this.#frame);
      media.pause();
      this.#media = undefined;
      usePlayback.setState(SILENCE);
    };
  }

  toggle(): void {
    if (this.#media?.paused) void this.#play();
    else this.#media?.pause();
  }

  rest(): void {
    this.#media?.pause();
  }

  seek(seconds: number): void {
    if (!this.#media || usePlayback.getState().hasFailed) return;
    const { duration } = usePlayback.getState();
    const time = Math.max(0, duration > 0 ? Math.min(seconds, duration) : seconds);
    this.#media.currentTime = time;
    usePlayback.setState({ time });
  }

  /** From there on, aloud. */
  playFrom(seconds: number): void {
    this.seek(seconds);
    void this.#play();
  }

  async #play(): Promise<void> {
    try {
      await this.#media?.play();
    } catch {
      usePlayback.setState({ isPlaying: false }); // the error event tells why, and an interrupted start is none
    }
  }

  #follow(): void {
    cancelAnimationFrame(this.#frame);
    if (!this.#media || this.#media.paused) return;
    usePlayback.setState({ time: this.#media.currentTime });
    this.#frame = requestAnimationFrame(() => this.#follow());
  }
}

export const playback = new Playback();

/** The same as a ref of React's. */
export const attachMedia = (media: HTMLMediaElement | null) => (media ? playback.attach(media) : undefined);
