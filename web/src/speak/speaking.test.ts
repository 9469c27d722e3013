import { beforeEach, expect, test, vi } from "vitest";
import "@/strings/strings";
import { ApiError } from "@/api/client";
import type { SpeechAnswer } from "@/api/speech";
import { useSessionResults } from "./session-results";
import { isUnderWay, Speaker, useSpeaking, type Wish } from "./speaking";

const state = () => useSpeaking.getState();

/** An answer whose pieces come when they are sent. */
function stream(signal: AbortSignal, historyId: string | null = "entry-1") {
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (one) => void (controller = one) });
  signal.addEventListener("abort", () => controller.error(new DOMException("", "AbortError")));
  const answer: SpeechAnswer = {
    mediaType: "audio/mpeg",
    engine: "kokoro",
    model: "kokoro-v1.0",
    voice: "af_bella",
    historyId,
    stream: body,
  };
  return {
    answer,
    send: (...bytes: number[]) => controller.enqueue(new Uint8Array(bytes)),
    end: () => controller.close(),
    cut: () => controller.error(new TypeError("network error")),
  };
}

function setUp() {
  const player = { play: vi.fn(), pause: vi.fn(), replace: vi.fn(), stop: vi.fn() };
  const speaker = new Speaker(player);
  const streams: ReturnType<typeof stream>[] = [];
  const wish = (change: Partial<Wish> = {}): Wish => ({
    text: "Hello.",
    format: "mp3",
    speed: 1,
    origin: "speak",
    ask: (signal) => {
      const made = stream(signal);
      streams.push(made);
      return Promise.resolve(made.answer);
    },
    ...change,
  });
  const streamAt = (index: number) => vi.waitUntil(() => streams[index]);
  return { player, speaker, wish, streamAt };
}

beforeEach(() => {
  useSpeaking.setState(useSpeaking.getInitialState(), true);
  useSessionResults.setState({ ids: [] });
  let made = 0;
  URL.createObjectURL = () => `blob:${++made}`;
  URL.revokeObjectURL = vi.fn();
});

test("what arrives is counted, and played as a whole where the browser cannot before", async () => {
  const { player, speaker, wish, streamAt } = setUp();
  const spoken = speaker.speak(wish());
  expect(state()).toMatchObject({ status: "asking", spoken: null });
  const { send, end } = await streamAt(0);
  await vi.waitUntil(() => state().status === "arriving");
  expect(state().spoken).toMatchObject({ voice: "af_bella", isStreamed: false, historyId: null, file: null });
  send(1, 2, 3);
  await vi.waitUntil(() => state().spoken?.bytes === 3);
  expect(player.play).not.toHaveBeenCalled();
  send(4);
  end();
  await spoken;
  expect(state()).toMatchObject({
    status: "done",
    spoken: { bytes: 4, historyId: "entry-1", url: "blob:1" },
  });
  expect(state().spoken?.tookMs).toBeGreaterThanOrEqual(state().spoken?.firstMs ?? Infinity);
  expect(new Uint8Array((await state().spoken?.file?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(
    new Uint8Array([1, 2, 3, 4]),
  );
  expect(player.play).toHaveBeenCalledExactlyOnceWith({ id: "spoken-1", url: "blob:1", duration: null });
  expect(useSessionResults.getState().ids).toEqual(["entry-1"]);
});

test("stopping keeps what had arrived, but no entry of the history", async () => {
  const { player, speaker, wish, streamAt } = setUp();
  const spoken = speaker.speak(wish());
  (await streamAt(0)).send(1, 2);
  await vi.waitUntil(() => state().spoken?.bytes === 2);
  speaker.stop();
  await spoken;
  expect(player.pause).toHaveBeenCalled();
  expect(state()).toMatchObject({
    status: "stopped",
    error: null,
    spoken: { historyId: null, tookMs: null },
  });
  expect(state().spoken?.file?.size).toBe(2);
  expect(isUnderWay(state())).toBe(false);
  expect(useSessionResults.getState().ids).toEqual([]);
});

test("an answer that is cut off says so, and what had arrived can be heard", async () => {
  const { speaker, wish, streamAt } = setUp();
  const spoken = speaker.speak(wish());
  const { send, cut } = await streamAt(0);
  send(1);
  await vi.waitUntil(() => state().spoken?.bytes === 1);
  cut();
  await spoken;
  expect(state()).toMatchObject({ status: "failed", spoken: { url: "blob:1" } });
  expect(state().error).toMatch(/cut off/);
});

test("a refusal is told in the server's words, and can be tried again", async () => {
  const { speaker, wish, streamAt } = setUp();
  const ask = vi.fn<Wish["ask"]>();
  ask.mockRejectedValueOnce(new ApiError(503, "TTS model not available."));
  const again = wish();
  ask.mockImplementation(again.ask);
  await speaker.speak(wish({ ask }));
  expect(state()).toMatchObject({ status: "failed", error: "TTS model not available.", errorStatus: 503 });
  speaker.again();
  (await streamAt(0)).end();
  await vi.waitUntil(() => state().status === "done");
  expect(ask).toHaveBeenCalledTimes(2);
});

test("a new speech ends the one before and forgets its sound", async () => {
  const { player, speaker, wish, streamAt } = setUp();
  const first = speaker.speak(wish());
  (await streamAt(0)).send(1);
  await vi.waitUntil(() => state().spoken?.bytes === 1);
  const second = speaker.speak(wish({ text: "Another." }));
  expect(player.stop).toHaveBeenCalledWith("spoken-1");
  await first;
  const { send, end } = await streamAt(1);
  send(7, 8);
  end();
  await second;
  expect(state()).toMatchObject({ status: "done", spoken: { id: "spoken-2", text: "Another.", bytes: 2 } });
});

test("a header of unknown length gets its length, and bare samples a header", async () => {
  const { speaker, wish, streamAt } = setUp();
  const wav = Array.from("RIFF????WAVEdata????ab", (letter) => letter.charCodeAt(0));
  const asWav = speaker.speak(wish({ format: "wav" }));
  const first = await streamAt(0);
  first.send(...wav);
  first.end();
  await asWav;
  const view = new DataView((await state().spoken?.file?.arrayBuffer()) ?? new ArrayBuffer());
  expect(view.getUint32(4, true)).toBe(wav.length - 8);
  expect(view.getUint32(16, true)).toBe(2);

  const asSamples = speaker.speak(wish({ format: "pcm" }));
  const second = await streamAt(1);
  second.send(1, 2, 3, 4);
  second.end();
  await asSamples;
  expect(state().spoken?.file?.size).toBe(4);
  expect(state().spoken?.playable?.size).toBe(48);
});
