import { beforeEach, expect, test, vi } from "vitest";
import "@/strings/strings";
import { fakeAudios } from "../../tests/audio";
import { Stage } from "@/sound/stage";
import { Auditioner, useAudition } from "./audition";

const state = () => useAudition.getState();

/** A server that speaks when it is told to; it knows of requests that were given up. */
function serveSpeech() {
  const calls: { body: unknown; signal: AbortSignal; answer: (response: Response) => void }[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    const request = input as Request;
    const body = (await request.clone().json()) as unknown;
    return new Promise((resolve, reject) => {
      request.signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
      calls.push({ body, signal: request.signal, answer: resolve });
    });
  });
  return calls;
}

const sound = () => new Response("RIFF", { headers: { "Content-Type": "audio/wav" } });

function setUp() {
  const calls = serveSpeech();
  const { audios, create } = fakeAudios();
  const stage = new Stage();
  const player = { rest: vi.fn() };
  stage.take(player);
  const auditioner = new Auditioner(create, stage);
  const call = (index: number) => vi.waitUntil(() => calls[index]);
  return { auditioner, calls, call, audios, stage, player };
}

const revoke = vi.fn();
beforeEach(() => {
  useAudition.setState(useAudition.getInitialState(), true);
  revoke.mockClear();
  let made = 0;
  URL.createObjectURL = () => `blob:${String(++made)}`;
  URL.revokeObjectURL = revoke;
});

test("a voice is asked for, sounds, and ends", async () => {
  const { auditioner, call, audios, player } = setUp();
  const heard = auditioner.listen({ voice: "af_bella", speed: 1.5, text: "Hello." });
  expect(state()).toMatchObject({ voice: "af_bella", status: "loading" });
  expect(player.rest).toHaveBeenCalled();
  const { body, answer } = await call(0);
  expect(body).toEqual({ voice: "af_bella", speed: 1.5, text: "Hello." });
  answer(sound());
  await heard;
  expect(state().status).toBe("playing");
  expect(audios[0]).toMatchObject({ src: "blob:1", paused: false });
  audios[0]?.end();
  expect(state()).toMatchObject({ voice: null, status: "idle" });
});

test("what was heard sounds again without asking; another speed or text is another sound", async () => {
  const { auditioner, call, calls } = setUp();
  const variants = [
    { voice: "af_bella", speed: 1, text: "Hello." },
    { voice: "af_bella", speed: 1 },
    { voice: "af_bella", speed: 1.05, text: "Hello." },
    { voice: "af_bella", engine: "kitten", speed: 1 },
    { voice: "af_sky", speed: 1, text: "Hello." },
  ];
  for (const [index, variant] of variants.entries()) {
    const heard = auditioner.listen(variant);
    (await call(index)).answer(sound());
    await heard;
  }
  for (const variant of variants) await auditioner.listen(variant);
  expect(calls).toHaveLength(variants.length);
  expect(state()).toMatchObject({ voice: "af_sky", status: "playing" });
});

test("a new one gives up the old one", async () => {
  const { auditioner, call } = setUp();
  const first = auditioner.listen({ voice: "af_bella", speed: 1 });
  const { signal } = await call(0);
  const second = auditioner.listen({ voice: "af_sky", speed: 1 });
  expect(signal.aborted).toBe(true);
  await first;
  expect(state()).toMatchObject({ voice: "af_sky", status: "loading" });
  (await call(1)).answer(sound());
  await second;
  expect(state()).toMatchObject({ voice: "af_sky", status: "playing" });
});

test.each([
  { status: 503, message: "The engine is busy. Try again in a moment." },
  { status: 400, message: "There is nothing to speak." },
])("a refusal ($status) is told in the server's words, and is not kept", async ({ status, message }) => {
  const { auditioner, call, calls } = setUp();
  const heard = auditioner.listen({ voice: "af_bella", speed: 1 });
  (await call(0)).answer(Response.json({ error: message }, { status }));
  await heard;
  expect(state()).toMatchObject({ voice: "af_bella", status: "failed", error: message });
  void auditioner.listen({ voice: "af_bella", speed: 1 });
  await call(1);
  expect(calls).toHaveLength(2);
  expect(state()).toMatchObject({ status: "loading", error: null });
});

test("another sound ends it", async () => {
  const { auditioner, call, audios, stage, player } = setUp();
  const heard = auditioner.listen({ voice: "af_bella", speed: 1 });
  (await call(0)).answer(sound());
  await heard;
  stage.take(player);
  expect(audios[0]?.paused).toBe(true);
  expect(state().status).toBe("idle");
});

test("only the sounds heard last are kept", async () => {
  const { auditioner, call } = setUp();
  for (let index = 0; index < 31; index++) {
    const heard = auditioner.listen({ voice: `voice ${String(index)}`, speed: 1 });
    (await call(index)).answer(sound());
    await heard;
  }
  expect(revoke).toHaveBeenCalledExactlyOnceWith("blob:1");
});
