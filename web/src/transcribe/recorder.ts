/**
 * Records from the microphone. What is shown lives in useRecorder; its level and time change with each frame,
 * so select only what is needed.
 *
 * The level is that of the samples before the codec. The recording is kept in pieces of a second, so that a
 * microphone that is pulled out takes nothing with it: what was recorded until then is there.
 */
import { create } from "zustand";
import { type Source, stage } from "@/sound/stage";
import { moment } from "@/strings/time";
import { t } from "@/strings/strings";

/** Why nothing is recorded. */
export type MicrophoneProblem = "refused" | "missing" | "busy" | "insecure" | "unknown";

interface Recording {
  state: "idle" | "asking" | "recording" | "paused";
  seconds: number;
  /** The loudest of the last frame, from 0 to 1. */
  level: number;
  problem: MicrophoneProblem | null;
  /** Known once a microphone was allowed. */
  microphones: readonly MediaDeviceInfo[];
  /** Empty: what the browser or the system prefers. */
  microphoneId: string;
}

export const useRecorder = create<Recording>(() => ({
  state: "idle",
  seconds: 0,
  level: 0,
  problem: null,
  microphones: [],
  microphoneId: "",
}));

const PIECE_MS = 1_000;

/** What browsers write, best first, and what a file of it is called. */
const TYPES = [
  ["audio/webm;codecs=opus", "webm"],
  ["audio/ogg;codecs=opus", "ogg"],
  ["audio/mp4", "m4a"],
] as const;

const PROBLEMS: Readonly<Record<string, MicrophoneProblem>> = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

const problemOf = (error: unknown): MicrophoneProblem =>
  (error instanceof DOMException ? PROBLEMS[error.name] : undefined) ?? "unknown";

function fileOf(pieces: readonly Blob[], type: string): File {
  const extension = TYPES.find(([name]) => type.startsWith(name.split(";")[0] ?? name))?.[1] ?? "webm";
  const name = t("transcribe.recordingName", {
    moment: moment(new Date().toISOString()).replaceAll(":", "."),
  });
  return new File([...pieces], `${name}.${extension}`, { type });
}

type RecordingEnd = (file: File, seconds: number) => void;

function closeMicrophone(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** A microphone that is open, and what is recorded of it. */
class Take implements Source {
  #media: MediaRecorder;
  #audio = new AudioContext();
  #meter = this.#audio.createAnalyser();
  #samples = new Float32Array(this.#meter.fftSize);
  #pieces: Blob[] = [];
  #frame = 0;
  /** Milliseconds recorded before it went on last, and when that was; null while paused. */
  #before = 0;
  #since: number | null = performance.now();

  constructor(
    private readonly stream: MediaStream,
    onEnd: RecordingEnd,
  ) {
    const mimeType = TYPES.find(([type]) => MediaRecorder.isTypeSupported(type))?.[0];
    this.#media = new MediaRecorder(stream, mimeType === undefined ? {} : { mimeType });
    this.#media.ondataavailable = ({ data }) => this.#pieces.push(data);
    this.#media.onstop = () => {
      const seconds = this.#milliseconds() / 1000;
      this.#close();
      onEnd(fileOf(this.#pieces, this.#media.mimeType), seconds);
    };
    stage.take(this);
    this.#audio.createMediaStreamSource(stream).connect(this.#meter);
    this.#media.start(PIECE_MS); // a stream that ends stops it
    this.#look();
  }

  pause(): void {
    this.#media.pause();
    this.#before = this.#milliseconds();
    this.#since = null;
    cancelAnimationFrame(this.#frame);
    useRecorder.setState({ state: "paused", seconds: this.#before / 1000, level: 0 });
  }

  resume(): void {
    this.#media.resume();
    this.#since = performance.now();
    useRecorder.setState({ state: "recording" });
    this.#look();
  }

  /** What is played is heard by the microphone, too; who plays wants that. */
  rest(): void {}

  stop(): void {
    this.#media.stop();
  }

  /** Nobody gets what was recorded. */
  discard(): void {
    this.#media.onstop = () => this.#close();
    this.#media.stop();
  }

  #milliseconds(): number {
    return this.#before + (this.#since === null ? 0 : performance.now() - this.#since);
  }

  #look(): void {
    this.#meter.getFloatTimeDomainData(this.#samples);
    const level = this.#samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    useRecorder.setState({ level: Math.min(level, 1), seconds: this.#milliseconds() / 1000 });
    this.#frame = requestAnimationFrame(() => this.#look());
  }

  #close(): void {
    cancelAnimationFrame(this.#frame);
    closeMicrophone(this.stream);
    void this.#audio.close();
    useRecorder.setState({ state: "idle", level: 0, seconds: 0 });
  }
}

let take: Take | undefined;

/** Browsers have no microphone for pages that came over plain HTTP from another machine. */
const isSecure = () => "mediaDevices" in navigator;

async function openMicrophone(microphoneId: string): Promise<MediaStream> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: microphoneId === "" ? true : { deviceId: { exact: microphoneId } },
  });
  const devices = await navigator.mediaDevices.enumerateDevices();
  useRecorder.setState({ microphones: devices.filter(({ kind }) => kind === "audioinput") });
  return stream;
}

/** Asks for the microphone and begins; onEnd gets what was recorded, however that ends. */
export async function startRecording(onEnd: RecordingEnd): Promise<void> {
  const { state, microphoneId } = useRecorder.getState();
  if (state !== "idle") return;
  if (!isSecure()) {
    useRecorder.setState({ problem: "insecure" });
    return;
  }
  useRecorder.setState({ state: "asking", problem: null });
  try {
    const stream = await openMicrophone(microphoneId);
    if (useRecorder.getState().state !== "asking") {
      closeMicrophone(stream); // given up meanwhile
      return;
    }
    take = new Take(stream, (...recorded) => {
      take = undefined;
      onEnd(...recorded);
    });
    useRecorder.setState({ state: "recording" });
  } catch (error) {
    useRecorder.setState({ state: "idle", problem: problemOf(error) });
  }
}

export const pauseRecording = () => take?.pause();
export const resumeRecording = () => take?.resume();

/** Ends a recording, which its onEnd gets, or the wait for a microphone. */
export function stopRecording(): void {
  take?.stop();
  if (useRecorder.getState().state === "asking") useRecorder.setState({ state: "idle" });
}

export function discardRecording(): void {
  take?.discard();
  take = undefined;
}

/** The next recording is of this one. */
export function chooseMicrophone(microphoneId: string): void {
  useRecorder.setState({ microphoneId, problem: null });
}
