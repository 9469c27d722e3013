import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  chooseMicrophone,
  discardRecording,
  pauseRecording,
  resumeRecording,
  startRecording,
  stopRecording,
  useRecorder,
} from "./recorder";

class FakeRecorder {
  static last: FakeRecorder;
  static isTypeSupported = (type: string) => type.startsWith("audio/webm");

  ondataavailable?: (event: { data: Blob }) => void;
  onstop?: () => void;
  state = "inactive";
  readonly mimeType = "audio/webm;codecs=opus";

  constructor(
    readonly stream: MediaStream,
    readonly options: MediaRecorderOptions,
  ) {
    FakeRecorder.last = this;
  }
  start() {
    this.state = "recording";
  }
  pause() {
    this.state = "paused";
  }
  resume() {
    this.state = "recording";
  }
  stop() {
    this.state = "inactive";
    this.onstop?.();
  }
  give(text: string) {
    this.ondataavailable?.({ data: new Blob([text]) });
  }
}

/** Hears what a test says it does. */
let loudness = 0;
class FakeAudio {
  createAnalyser = () => ({
    fftSize: 4,
    getFloatTimeDomainData: (samples: Float32Array) => samples.fill(-loudness),
  });
  createMediaStreamSource = () => ({ connect: () => undefined });
  close = () => Promise.resolve();
}

const track = { stop: vi.fn() };
const getUserMedia = vi.fn<(wanted: MediaStreamConstraints) => Promise<MediaStream>>();
const device = (deviceId: string, kind = "audioinput") =>
  ({ deviceId, kind, label: deviceId }) as MediaDeviceInfo;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "requestAnimationFrame", "cancelAnimationFrame", "Date"] });
  loudness = 0;
  useRecorder.setState(useRecorder.getInitialState(), true);
  getUserMedia.mockReset().mockResolvedValue({ getTracks: () => [track] } as unknown as MediaStream);
  vi.stubGlobal("MediaRecorder", FakeRecorder);
  vi.stubGlobal("AudioContext", FakeAudio);
  vi.stubGlobal("navigator", {
    mediaDevices: {
      getUserMedia,
      enumerateDevices: () =>
        Promise.resolve([device("inner"), device("headset"), device("camera", "videoinput")]),
    },
  });
});

afterEach(() => {
  discardRecording();
  track.stop.mockClear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const onEnd = vi.fn<(file: File, seconds: number) => void>();
beforeEach(() => void onEnd.mockReset());

test("what was recorded is a file with all its pieces, and the microphone is closed", async () => {
  await startRecording(onEnd);
  expect(useRecorder.getState().state).toBe("recording");
  loudness = 0.5;
  vi.advanceTimersByTime(1500);
  expect(useRecorder.getState().level).toBe(0.5);
  expect(useRecorder.getState().seconds).toBeCloseTo(1.5, 1);
  FakeRecorder.last.give("one ");
  FakeRecorder.last.give("two");
  stopRecording();
  const [[file, seconds]] = onEnd.mock.calls as [[File, number]];
  expect(await file.text()).toBe("one two");
  expect(file.name).toMatch(/^Recording \d\d\.\d\d\.webm$/);
  expect(seconds).toBeCloseTo(1.5, 1);
  expect(track.stop).toHaveBeenCalledOnce();
  expect(useRecorder.getState()).toMatchObject({ state: "idle", level: 0, seconds: 0 });
});

test("a pause is not counted", async () => {
  await startRecording(onEnd);
  vi.advanceTimersByTime(1000);
  pauseRecording();
  expect(useRecorder.getState().state).toBe("paused");
  vi.advanceTimersByTime(60_000);
  resumeRecording();
  vi.advanceTimersByTime(1000);
  stopRecording();
  expect(onEnd.mock.calls[0]?.[1]).toBeCloseTo(2, 1);
});

test("a microphone that is pulled out leaves what was recorded until then", async () => {
  await startRecording(onEnd);
  FakeRecorder.last.give("all there was");
  FakeRecorder.last.stop(); // as the browser does
  expect(onEnd).toHaveBeenCalledOnce();
  expect(useRecorder.getState().state).toBe("idle");
});

test("what is discarded nobody gets", async () => {
  await startRecording(onEnd);
  discardRecording();
  expect(onEnd).not.toHaveBeenCalled();
  expect(track.stop).toHaveBeenCalledOnce();
  expect(useRecorder.getState().state).toBe("idle");
});

test.each([
  ["NotAllowedError", "refused"],
  ["NotFoundError", "missing"],
  ["NotReadableError", "busy"],
  ["WeirdError", "unknown"],
])("%s means that it is %s", async (name, problem) => {
  getUserMedia.mockRejectedValue(new DOMException("no", name));
  await startRecording(onEnd);
  expect(useRecorder.getState()).toMatchObject({ state: "idle", problem });
  getUserMedia.mockResolvedValue({ getTracks: () => [track] } as unknown as MediaStream);
  await startRecording(onEnd);
  expect(useRecorder.getState()).toMatchObject({ state: "recording", problem: null });
});

test("a page that came over plain HTTP from afar is told why it has no microphone", async () => {
  vi.stubGlobal("navigator", {});
  await startRecording(onEnd);
  expect(useRecorder.getState().problem).toBe("insecure");
});

test("who leaves while the browser asks is not recorded afterwards", async () => {
  let allow: (stream: MediaStream) => void = () => undefined;
  getUserMedia.mockReturnValue(new Promise((resolve) => (allow = resolve)));
  const started = startRecording(onEnd);
  expect(useRecorder.getState().state).toBe("asking");
  stopRecording();
  allow({ getTracks: () => [track] } as unknown as MediaStream);
  await started;
  expect(track.stop).toHaveBeenCalledOnce();
  expect(useRecorder.getState().state).toBe("idle");
});

test("microphones are known once one was allowed, and the chosen one is asked for", async () => {
  await startRecording(onEnd);
  expect(useRecorder.getState().microphones.map(({ deviceId }) => deviceId)).toEqual(["inner", "headset"]);
  discardRecording();
  chooseMicrophone("headset");
  await startRecording(onEnd);
  expect(getUserMedia.mock.calls).toEqual([
    [{ audio: true }],
    [{ audio: { deviceId: { exact: "headset" } } }],
  ]);
});
