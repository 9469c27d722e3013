/**
 * Plays one sound at a time that is known by its address: what was just spoken, also while it still arrives,
 * or an entry of the history. What is shown lives in useClip; its time changes with each frame, so select only
 * what is needed.
 */
import { create } from "zustand";
import { playbackError } from "./playback-error";
import { type Source, type Stage, stage } from "./stage";
import { useVolume } from "./volume";

export interface Clip {
  id: string;
  /** Where it is fetched. */
  url: string;
  /** Seconds; null as long as nobody knows. */
  duration: number | null;
}

export interface Playback {
  clipId: string | null;
  status: "idle" | "loading" | "playing" | "paused" | "failed";
  /** Seconds. */
  time: number;
  /** 0 as long as nobody knows. */
  duration: number;
  /** Why it failed. */
  error: string | null;
}

const IDLE: Playback = { clipId: null, status: "idle", time: 0, duration: 0, error: null };

export const useClip = create<Playback>(() => IDLE);

export const isSounding = ({ status }: Playback) => status === "playing" || status === "loading";

export class ClipPlayer implements Source {
  #audio: HTMLAudioElement | undefined;
  #clip: Clip | undefined;
  /** Where the same sound is to be had from now on. */
  #successor: Clip | undefined;
  #frame = 0;

  constructor(
    private readonly createAudio: () => HTMLAudioElement,
    private readonly stage: Stage,
  ) {}

  /** From where it was left when it is the current one. */
  play(clip: Clip): void {
    if (!this.#isLoaded(clip)) this.#load(clip, 0);
    this.#resume();
  }

  toggle(clip: Clip): void {
    const state = useClip.getState();
    if (state.clipId === clip.id && isSounding(state)) this.pause();
    else this.play(clip);
  }

  pause(): void {
    this.#audio?.pause();
    if (isSounding(useClip.getState())) useClip.setState({ status: "paused" });
  }

  /** Another source is heard. */
  rest(): void {
    this.pause();
  }

  /** Within any clip, which becomes the current one. */
  seek(clip: Clip, seconds: number): void {
    if (!this.#isLoaded(clip)) this.#load(clip, seconds);
    this.#move(seconds);
  }

  /** Plays or pauses what was heard last; false when there is nothing. */
  toggleCurrent(): boolean {
    if (!this.#clip) return false;
    if (isSounding(useClip.getState())) this.pause();
    else this.#resume();
    return true;
  }

  /** Within the current clip, on or back. */
  seekBy(seconds: number): void {
    if (this.#clip) this.#move(useClip.getState().time + seconds);
  }

  /** Ends it where it is; only this clip when one is named. */
  stop(clipId: string | undefined = this.#clip?.id): void {
    if (!this.#audio || !this.#clip || clipId !== this.#clip.id) return;
    cancelAnimationFrame(this.#frame);
    this.#clip = this.#successor = undefined;
    this.#audio.pause();
    this.#audio.removeAttribute("src");
    this.#audio.load();
    useClip.setState(IDLE);
  }

  /**
   * The same sound at another address, whole now. One that sounds goes on from the old one, which has it all
   * in memory, until it rests or runs dry.
   */
  replace(clip: Clip): void {
    if (this.#clip?.id !== clip.id) return;
    this.#successor = clip;
    if (clip.duration !== null) useClip.setState({ duration: clip.duration });
    if (!isSounding(useClip.getState())) this.#succeed();
  }

  #isLoaded(clip: Clip): boolean {
    const known = this.#successor ?? this.#clip;
    return known?.id === clip.id && known.url === clip.url && useClip.getState().status !== "failed";
  }

  #load(clip: Clip, time: number): void {
    const audio = (this.#audio ??= this.#createElement());
    this.#clip = clip;
    this.#successor = undefined;
    audio.src = clip.url;
    audio.load();
    audio.currentTime = time;
    useClip.setState({ clipId: clip.id, status: "paused", time, duration: clip.duration ?? 0, error: null });
  }

  #move(seconds: number): void {
    const { duration } = useClip.getState();
    if (!this.#audio) return;
    const wasSounding = isSounding(useClip.getState());
    if (this.#successor) this.#succeed();
    const time = Math.max(0, duration > 0 ? Math.min(seconds, duration) : seconds);
    this.#audio.currentTime = time;
    useClip.setState({ time });
    if (wasSounding) this.#resume();
  }

  /** Goes over to where the sound is whole, at the same moment of it. */
  #succeed(): void {
    const clip = this.#successor;
    if (!clip) return;
    const { time, duration } = useClip.getState();
    const hasEnded = duration > 0 && time >= duration;
    this.#load(clip, hasEnded ? 0 : time);
    useClip.setState({ time, duration });
  }

  #resume(): void {
    const audio = this.#audio;
    if (!audio || useClip.getState().status === "playing") return;
    useClip.setState({ status: "loading", error: null });
    this.stage.take(this);
    audio.play().catch((reason: unknown) => {
      const isForbidden = reason instanceof DOMException && reason.name === "NotAllowedError";
      if (isForbidden) useClip.setState({ status: "paused" });
    }); // what cannot be played is told by the error event, and an interrupted start is none
  }

  #createElement(): HTMLAudioElement {
    const audio = this.createAudio();
    const on = (name: keyof HTMLMediaElementEventMap, act: () => void) =>
      audio.addEventListener(name, () => {
        if (this.#clip) act();
      });
    audio.preload = "auto";
    this.#followVolume(audio);
    on("playing", () => {
      useClip.setState({ status: "playing" });
      this.#tick();
    });
    on("waiting", () => this.#wait());
    on("pause", () => {
      if (audio.paused && !audio.ended) useClip.setState({ status: "paused" });
    });
    on("timeupdate", () => {
      if (isSounding(useClip.getState())) useClip.setState({ time: audio.currentTime });
    });
    on("durationchange", () => {
      const isTold = Number.isFinite(audio.duration) && this.#clip?.duration === null;
      if (isTold) useClip.setState({ duration: audio.duration });
    });
    on("ended", () => this.#end(audio));
    on("error", () => void this.#fail());
    return audio;
  }

  #followVolume(audio: HTMLAudioElement): void {
    const follow = ({ level, isMuted }: ReturnType<typeof useVolume.getState>) => {
      audio.volume = level;
      audio.muted = isMuted;
    };
    follow(useVolume.getState());
    useVolume.subscribe(follow);
  }

  #tick(): void {
    cancelAnimationFrame(this.#frame);
    if (!this.#audio || useClip.getState().status !== "playing") return;
    useClip.setState({ time: this.#audio.currentTime });
    this.#frame = requestAnimationFrame(() => this.#tick());
  }

  /** It runs dry: what arrives while it sounds may be slow, or all here by now. */
  #wait(): void {
    const isLeft = this.#successor !== undefined;
    if (isLeft) this.#succeed();
    useClip.setState({ status: "loading" });
    if (isLeft) this.#resume();
  }

  #end(audio: HTMLAudioElement): void {
    const time = Number.isFinite(audio.duration) ? audio.duration : audio.currentTime;
    useClip.setState({ status: "paused", time, duration: time });
    this.#succeed();
  }

  async #fail(): Promise<void> {
    const clip = this.#clip;
    if (!clip || !this.#audio?.error) return;
    useClip.setState({ status: "failed", error: null });
    const error = await playbackError(clip.url);
    if (this.#clip === clip && useClip.getState().status === "failed") useClip.setState({ error });
  }
}

export const clipPlayer = new ClipPlayer(() => new Audio(), stage);
