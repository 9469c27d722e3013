/**
 * The one player of the page: one recording sounds at a time, alone or as part of all of them in order.
 *
 * Two media elements take turns. While one plays, the other has the next recording loaded already, so
 * that the pause between two is the few milliseconds an element needs to start. What is shown lives in
 * usePlayer; its time changes with each frame, so select only what is needed.
 */
import { create } from "zustand";
import { audioUrl } from "@/api/segments";
import type { Segment } from "@/api/client";
import { playbackError } from "@/sound/playback-error";
import { type Source, Stage, stage } from "@/sound/stage";
import { firstFrom, nextOf, previousOf, successorOf } from "./playlist";

export interface Playback {
  segmentId: string | null;
  status: "idle" | "loading" | "playing" | "paused" | "failed";
  /** Seconds. */
  time: number;
  duration: number;
  isPlayingAll: boolean;
  /** Why it failed. */
  error: string | null;
}

const IDLE: Playback = {
  segmentId: null,
  status: "idle",
  time: 0,
  duration: 0,
  isPlayingAll: false,
  error: null,
};

export const usePlayer = create<Playback>(() => IDLE);

export const isSounding = ({ status }: Playback) => status === "playing" || status === "loading";

/** Past this, "previous" means the beginning of the same recording. */
const RESTART_AFTER_S = 3;

/** A media element and what it was given. */
class Deck {
  url: string | null = null;

  constructor(readonly audio: HTMLAudioElement) {
    audio.preload = "auto";
  }

  load(url: string): void {
    if (this.url === url && !this.audio.error) return;
    this.url = url;
    this.audio.src = url;
    this.audio.load();
  }

  clear(): void {
    if (this.url === null) return;
    this.url = null;
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }
}

export class Player implements Source {
  #decks: { current: Deck; spare: Deck } | undefined;
  #segments: readonly Segment[] = [];
  #frame = 0;

  constructor(
    private readonly createAudio: () => HTMLAudioElement,
    private readonly stage = new Stage(),
  ) {}

  /** Plays one recording, from where it was left when it is the current one. */
  play(segment: Segment): void {
    if (this.#isLoaded(segment)) this.resume();
    else this.#start(segment, 0, false);
  }

  toggle(segment: Segment): void {
    const state = usePlayer.getState();
    if (state.segmentId === segment.id && isSounding(state)) this.pause();
    else this.play(segment);
  }

  pause(): void {
    this.#decks?.current.audio.pause();
    if (isSounding(usePlayer.getState())) usePlayer.setState({ status: "paused" });
  }

  /** Another source is heard. */
  rest(): void {
    this.pause();
  }

  /** Goes on with the current recording; from its beginning when it has ended. */
  resume(): void {
    const { segmentId, status } = usePlayer.getState();
    const deck = this.#decks?.current;
    if (!deck?.url || segmentId === null || status === "playing") return;
    const { audio } = deck;
    deck.load(deck.url);
    usePlayer.setState({ status: "loading", error: null });
    this.stage.take(this);
    audio.play().catch((reason: unknown) => {
      const isForbidden = reason instanceof DOMException && reason.name === "NotAllowedError";
      if (isForbidden && this.#isCurrent(audio)) usePlayer.setState({ status: "paused" });
    }); // what cannot be played is told by the error event, and an interrupted start is none
  }

  /** Within the current recording. */
  seek(seconds: number): void {
    const { segmentId, duration, status } = usePlayer.getState();
    if (segmentId === null || status === "failed" || !this.#decks) return;
    const time = Math.min(Math.max(0, seconds), duration);
    this.#decks.current.audio.currentTime = time;
    usePlayer.setState({ time });
  }

  /** Within any recording, which becomes the current one; it sounds if something did. */
  seekIn(segment: Segment, seconds: number): void {
    if (this.#isLoaded(segment)) this.seek(seconds);
    else if (isSounding(usePlayer.getState())) this.#start(segment, seconds, false);
    else this.#cue(segment, seconds, false);
  }

  /** All that have audio, in order, from this one on. */
  playAll(segments: readonly Segment[], fromId?: string): void {
    this.#segments = segments;
    const first = firstFrom(segments, fromId);
    if (!first) return;
    if (!this.#isLoaded(first)) {
      this.#start(first, 0, true);
      return;
    }
    usePlayer.setState({ isPlayingAll: true });
    this.resume();
    this.#preloadNext();
  }

  next(): void {
    this.#step(nextOf);
  }

  previous(): void {
    const { time } = usePlayer.getState();
    if (time > RESTART_AFTER_S || !this.#step(previousOf)) this.seek(0);
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#decks?.current.clear();
    this.#decks?.spare.clear();
    usePlayer.setState(IDLE);
  }

  /** The segments as they are now: in a new order, some gone, some with another recording. */
  follow(segments: readonly Segment[]): void {
    const before = this.#segments;
    this.#segments = segments;
    const { segmentId } = usePlayer.getState();
    if (segmentId === null) return;
    const segment = segments.find((one) => one.id === segmentId);
    if (!segment) this.#leave(successorOf(before, segments, segmentId));
    else if (audioUrl(segment) !== this.#decks?.current.url) this.#renew(segment);
    else this.#preloadNext();
  }

  #isLoaded(segment: Segment): boolean {
    const { segmentId, status } = usePlayer.getState();
    return segmentId === segment.id && status !== "failed" && this.#decks?.current.url === audioUrl(segment);
  }

  #step(find: (segments: readonly Segment[], id: string) => Segment | undefined): boolean {
    const state = usePlayer.getState();
    const segment = state.segmentId === null ? undefined : find(this.#segments, state.segmentId);
    if (segment) this.#start(segment, 0, state.isPlayingAll);
    return segment !== undefined;
  }

  /** The current segment is gone. */
  #leave(successor: Segment | undefined): void {
    const state = usePlayer.getState();
    if (successor && state.isPlayingAll && isSounding(state)) this.#start(successor, 0, true);
    else this.stop();
  }

  /** The current segment has another recording, or none any more. */
  #renew(segment: Segment): void {
    const state = usePlayer.getState();
    if (audioUrl(segment) === null) this.stop();
    else if (isSounding(state)) this.#start(segment, 0, state.isPlayingAll);
    else this.#cue(segment, 0, state.isPlayingAll);
  }

  #cue(segment: Segment, time: number, isPlayingAll: boolean): boolean {
    const url = audioUrl(segment);
    if (url === null) return false;
    const decks = (this.#decks ??= { current: this.#deck(), spare: this.#deck() });
    decks.current.audio.pause();
    if (decks.spare.url === url) this.#decks = { current: decks.spare, spare: decks.current };
    const { current } = this.#decks;
    current.load(url);
    current.audio.currentTime = time;
    const duration = segment.audio_duration ?? 0;
    usePlayer.setState({
      segmentId: segment.id,
      status: "paused",
      time,
      duration,
      isPlayingAll,
      error: null,
    });
    return true;
  }

  #start(segment: Segment, time: number, isPlayingAll: boolean): void {
    if (this.#cue(segment, time, isPlayingAll)) this.resume();
  }

  #preloadNext(): void {
    const { segmentId, isPlayingAll } = usePlayer.getState();
    const next = isPlayingAll && segmentId !== null ? nextOf(this.#segments, segmentId) : undefined;
    const url = next ? audioUrl(next) : null;
    if (url !== null) this.#decks?.spare.load(url);
  }

  #isCurrent(audio: HTMLAudioElement): boolean {
    return this.#decks?.current.audio === audio && this.#decks.current.url !== null;
  }

  #deck(): Deck {
    const audio = this.createAudio();
    const on = (name: keyof HTMLMediaElementEventMap, act: () => void) =>
      audio.addEventListener(name, () => {
        if (this.#isCurrent(audio)) act();
      });
    on("playing", () => {
      usePlayer.setState({ status: "playing" });
      this.#tick();
      this.#preloadNext();
    });
    on("waiting", () => usePlayer.setState({ status: "loading" }));
    on("pause", () => {
      if (audio.paused && !audio.ended) usePlayer.setState({ status: "paused" });
    });
    on("timeupdate", () => usePlayer.setState({ time: audio.currentTime }));
    on("durationchange", () => {
      if (Number.isFinite(audio.duration)) usePlayer.setState({ duration: audio.duration });
    });
    on("ended", () => this.#end());
    on("error", () => void this.#fail());
    return new Deck(audio);
  }

  #tick(): void {
    cancelAnimationFrame(this.#frame);
    const audio = this.#decks?.current.audio;
    if (!audio || usePlayer.getState().status !== "playing") return;
    usePlayer.setState({ time: audio.currentTime });
    this.#frame = requestAnimationFrame(() => this.#tick());
  }

  #end(): void {
    const { isPlayingAll, duration } = usePlayer.getState();
    if (isPlayingAll && this.#step(nextOf)) return;
    usePlayer.setState({ status: "paused", time: duration, isPlayingAll: false });
  }

  async #fail(): Promise<void> {
    const url = this.#decks?.current.url;
    if (!url) return;
    usePlayer.setState({ status: "failed", error: null });
    const error = await playbackError(url);
    const isStill = this.#decks?.current.url === url && usePlayer.getState().status === "failed";
    if (isStill) usePlayer.setState({ error });
  }
}

export const player = new Player(() => new Audio(), stage);
