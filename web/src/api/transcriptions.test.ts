import { afterEach, expect, test, vi } from "vitest";
import { delta, done, fakeRequests } from "../../tests/transcription-request";
import { onKeyNeeded } from "./client";
import { type SpokenSegment, transcribe } from "./transcriptions";
import "@/strings/strings";

afterEach(() => vi.unstubAllGlobals());

const FILE = new File(["sound"], "talk.mp3");

function begin() {
  const [requests, abort] = [fakeRequests(), new AbortController()];
  const listener = {
    sent: vi.fn<(share: number) => void>(),
    segment: vi.fn<(segment: SpokenSegment) => void>(),
  };
  const result = transcribe(FILE, listener, abort.signal);
  const [request] = requests;
  if (!request) throw new Error("nothing was asked");
  return { request, listener, result, abort };
}

test("the file is sent whole, and asked for with the times of its words", () => {
  const { request, listener } = begin();
  expect(request.address).toBe("POST /v1/audio/transcriptions");
  expect((request.form.get("file") as File).name).toBe("talk.mp3");
  expect(request.form.get("stream")).toBe("true");
  expect(request.form.getAll("timestamp_granularities[]")).toEqual(["word"]);
  request.sent(0.25);
  request.sent(1);
  expect(listener.sent.mock.calls).toEqual([[0.25], [1], [1]]);
});

test("segments are told as they are heard, and the end with all that is known", async () => {
  const { request, listener, result } = begin();
  request.tell(delta("One two."));
  expect(listener.segment).toHaveBeenCalledTimes(1);
  request.tell(delta(" Three.", 2), done("One two. Three."));
  request.end();
  await expect(result).resolves.toEqual({
    text: "One two. Three.",
    language: "english",
    model: "moonshine-tiny",
    duration: 3,
    areWordsMeasured: false,
    historyId: "entry-1",
  });
  expect(listener.segment.mock.calls.map(([{ text, start }]) => [text, start])).toEqual([
    ["One two.", 0],
    ["Three.", 2],
  ]);
});

test("an answer that has only text is enough", async () => {
  const { request, listener, result } = begin();
  request.tell({ type: "transcript.text.done", text: "Hello." });
  request.end();
  await expect(result).resolves.toMatchObject({ text: "Hello.", language: null, duration: null });
  expect(listener.segment).not.toHaveBeenCalled();
});

test.each([
  ["a refusal", 400, { error: { message: "This is no audio." } }, "This is no audio."],
  ["one from between", 502, "<html>", "The server answered with an error (502)."],
])("%s is told in words", async (_what, status, body, message) => {
  const { request, result } = begin();
  request.refuse(status, body);
  await expect(result).rejects.toMatchObject({ status, message });
});

test("a key that is needed is asked for", async () => {
  const isTold = vi.fn();
  const stop = onKeyNeeded(isTold);
  const { request, result } = begin();
  request.refuse(401, { error: { message: "No." } });
  await expect(result).rejects.toMatchObject({ status: 401 });
  expect(isTold).toHaveBeenCalledOnce();
  stop();
});

test("an error in the middle ends it with its own message", async () => {
  const { request, result } = begin();
  request.tell(delta("One."), { error: { message: "The disk is full." } });
  await expect(result).rejects.toMatchObject({ message: "The disk is full." });
  expect(request.isAborted).toBe(true);
});

test("an answer that ends too early, or breaks off, is not taken for whole", async () => {
  const early = begin();
  early.request.tell(delta("One."));
  early.request.end();
  await expect(early.result).rejects.toMatchObject({ message: expect.stringMatching(/broke off/) as string });

  const broken = begin();
  broken.request.tell(delta("One."));
  broken.request.breakOff();
  await expect(broken.result).rejects.toMatchObject({
    message: expect.stringMatching(/broke off/) as string,
  });

  const unreachable = begin();
  unreachable.request.breakOff();
  await expect(unreachable.result).rejects.toMatchObject({
    status: 0,
    message: expect.stringMatching(/cannot be reached/) as string,
  });
});

test("who gives up ends it on the server, too", async () => {
  const { request, result, abort } = begin();
  abort.abort();
  await expect(result).rejects.toMatchObject({ name: "AbortError" });
  expect(request.isAborted).toBe(true);
});
