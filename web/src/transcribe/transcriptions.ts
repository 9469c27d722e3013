/**
 * The recordings that were given to be transcribed, one after another, and what was heard in each. They stay
 * while one looks at other pages; a reload of the tab keeps what was written down, but not the recordings,
 * which no browser gives back.
 */
import { create } from "zustand";
import { ApiError, wordsOf } from "@/api/client";
import { type SpokenSegment, transcribe, type TranscriptionEnd } from "@/api/transcriptions";
import { tabStorage } from "@/browser-storage";
import { t } from "@/strings/strings";

export type TranscriptionState = "waiting" | "sending" | "hearing" | "done" | "failed" | "cancelled";

export interface Transcription {
  id: string;
  name: string;
  state: TranscriptionState;
  /** How much of it has been sent: from 0 to 1. */
  sent: number;
  /** Seconds; null: not known. */
  duration: number | null;
  segments: readonly SpokenSegment[];
  /** Once it is done. */
  end: TranscriptionEnd | null;
  /** Why it failed. */
  error: string | null;
}

interface Transcriptions {
  /** As they were given. */
  list: readonly Transcription[];
  shownId: string | null;
  /** Nothing begins: what is needed for it is not there. */
  isHeld: boolean;
}

export const isDone = ({ state }: Transcription) => state === "done";
export const isUnderWay = ({ state }: Transcription) => state === "sending" || state === "hearing";
/** Seconds until the end of what was heard last. */
export const heardSeconds = ({ segments }: Transcription) => segments.at(-1)?.end ?? 0;

/** How far it is, from 0 to 1; null: nobody knows. */
export function shareOf(one: Transcription): number | null {
  if (one.state === "sending") return one.sent;
  return one.duration === null ? null : Math.min(heardSeconds(one) / one.duration, 1);
}

/** It ended without being heard. */
export const canRetry = ({ state }: Transcription) => state === "failed" || state === "cancelled";
export const isOpen = (one: Transcription) => one.state === "waiting" || isUnderWay(one);

const KEPT = "parlando.transcriptions";

/** What a reload finds again. */
function keep(): void {
  const { list, shownId } = useTranscriptions.getState();
  tabStorage.setItem(KEPT, JSON.stringify({ list: list.filter(isDone), shownId }));
}

function kept(): Pick<Transcriptions, "list" | "shownId"> {
  try {
    const { list, shownId } = JSON.parse(tabStorage.getItem(KEPT) ?? "") as Transcriptions;
    return { list, shownId };
  } catch {
    return { list: [], shownId: null };
  }
}

export const useTranscriptions = create<Transcriptions>(() => ({ ...kept(), isHeld: false }));

export interface Recording {
  file: File;
  /** Where it can be played from. */
  url: string;
  /** The microphone made it: the page has the only one. */
  isTake: boolean;
}

/** The recordings themselves. */
const recordings = new Map<string, Recording>();
let made = 0;
let running: { id: string; abort: AbortController } | undefined;

/** Undefined after a reload. */
export const recordingOf = (id: string) => recordings.get(id);

function patch(id: string, change: (one: Transcription) => Partial<Transcription>): void {
  useTranscriptions.setState(({ list }) => ({
    list: list.map((one) => (one.id === id ? { ...one, ...change(one) } : one)),
  }));
}

function transcriptionOf(file: File, isTake: boolean): Transcription {
  const id = `${Date.now().toString(36)}-${made++}`;
  recordings.set(id, { file, url: URL.createObjectURL(file), isTake });
  return {
    id,
    name: file.name,
    state: "waiting",
    sent: 0,
    duration: null,
    segments: [],
    end: null,
    error: null,
  };
}

/** How long it is as far as the browser can tell, which does not know every kind of file. */
function measure(id: string): void {
  const audio = new Audio();
  audio.preload = "metadata";
  audio.onloadedmetadata = () => {
    if (Number.isFinite(audio.duration) && audio.duration > 0)
      patch(id, () => ({ duration: audio.duration }));
  };
  audio.src = recordings.get(id)?.url ?? "";
}

export function addRecordings(files: readonly File[]): void {
  const added = files.map((file) => transcriptionOf(file, false));
  for (const { id } of added) measure(id);
  add(added);
}

/** What the microphone recorded. */
export function addTake(file: File, seconds: number): void {
  add([{ ...transcriptionOf(file, true), duration: seconds }]);
}

function add(added: readonly Transcription[]): void {
  useTranscriptions.setState(({ list, shownId }) => ({
    list: [...list, ...added],
    shownId: list.some(isOpen) ? shownId : (added[0]?.id ?? shownId),
  }));
  goOn();
}

export function showTranscription(id: string): void {
  useTranscriptions.setState({ shownId: id });
  keep();
}

/** While held, those that wait go on waiting. */
export function holdTranscriptions(isHeld: boolean): void {
  useTranscriptions.setState({ isHeld });
  goOn();
}

export function cancelTranscription(id: string): void {
  if (running?.id === id) running.abort.abort();
  else patch(id, () => ({ state: "cancelled" }));
}

/** Once more from the beginning, after those that wait. */
export function retryTranscription(id: string): void {
  useTranscriptions.setState(({ list }) => {
    const again = list.find((one) => one.id === id);
    if (!again) return {};
    const fresh: Transcription = {
      ...again,
      state: "waiting",
      sent: 0,
      segments: [],
      end: null,
      error: null,
    };
    return { list: [...list.filter((one) => one !== again), fresh] };
  });
  goOn();
}

/** What nobody but this page has of one: a take, or words that History does not keep. */
export const isOnlyHere = ({ id, end }: Transcription) =>
  recordings.get(id)?.isTake === true || (end !== null && end.historyId === null);

/** Takes it off the page; what History has of it stays there. Returns how to bring it back. */
export function removeTranscription(id: string): () => void {
  if (running?.id === id) running.abort.abort();
  const recording = recordings.get(id);
  if (recording) URL.revokeObjectURL(recording.url);
  recordings.delete(id);
  const { list, shownId } = useTranscriptions.getState();
  const place = list.findIndex((one) => one.id === id);
  const rest = list.filter((one) => one.id !== id);
  const neighbour = rest[Math.min(place, rest.length - 1)];
  useTranscriptions.setState({ list: rest, shownId: shownId === id ? (neighbour?.id ?? null) : shownId });
  keep();
  return () => {
    const removed = list[place];
    if (!removed) return;
    if (recording) recordings.set(id, { ...recording, url: URL.createObjectURL(recording.file) });
    useTranscriptions.setState((now) => ({ list: now.list.toSpliced(place, 0, removed), shownId: id }));
    keep();
  };
}

export function removeAllTranscriptions(): void {
  removeTranscriptions(useTranscriptions.getState().list.map(({ id }) => id));
}

/** The same with several. */
export function removeTranscriptions(ids: readonly string[]): () => void {
  const undo = ids.map(removeTranscription).reverse();
  return () => undo.forEach((bringBack) => bringBack());
}

/** Begins with the next one, when none is under way. */
function goOn(): void {
  const { list, isHeld, shownId } = useTranscriptions.getState();
  const next = list.find(({ state }) => state === "waiting");
  const recording = next && recordings.get(next.id);
  if (running || isHeld || !recording) return;
  const shown = list.find(({ id }) => id === shownId);
  if (!shown || !isDone(shown)) showTranscription(next.id);
  void run(next.id, recording.file);
}

const TOO_LARGE = 413;

/** The server tells how large a file may be, and what can be done about it is not its to know. */
const reasonOf = (error: unknown) =>
  error instanceof ApiError && error.status === TOO_LARGE
    ? t("transcribe.tooLarge", { reason: error.message })
    : wordsOf(error);

async function run(id: string, file: File): Promise<void> {
  const abort = new AbortController();
  running = { id, abort };
  patch(id, () => ({ state: "sending" }));
  try {
    const end = await transcribe(file, listenerOf(id), abort.signal);
    patch(id, () => ({ state: "done", end }));
    keep();
  } catch (error) {
    patch(id, () =>
      abort.signal.aborted ? { state: "cancelled" } : { state: "failed", error: reasonOf(error) },
    );
  } finally {
    running = undefined;
    goOn();
  }
}

const listenerOf = (id: string) => ({
  sent: (sent: number) => patch(id, () => ({ sent, state: sent < 1 ? "sending" : "hearing" })),
  segment: (segment: SpokenSegment) => patch(id, ({ segments }) => ({ segments: [...segments, segment] })),
});
