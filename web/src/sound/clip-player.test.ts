import { beforeEach, expect, test, vi } from "vitest";
import "@/strings/strings";
import { fakeAudios } from "../../tests/audio";
import { type Clip, ClipPlayer, useClip } from "./clip-player";
import { Stage } from "./stage";
import { useVolume } from "./volume";

const a: Clip = { id: "a", url: "/a.mp3", duration: 10 };
const b: Clip = { id: "b", url: "/b.mp3", duration: 5 };
const state = () => useClip.getState();

function setUp() {
  const { audios, create } = fakeAudios();
  const stage = new Stage();
  const player = new ClipPlayer(create, stage);
  const audio = () => {
    const [only] = audios;
    if (!only) throw new Error("nothing was played");
    return only;
  };
  return { player, stage, audio, audios };
}

beforeEach(() => {
  useClip.setState(useClip.getInitialState(), true);
  useVolume.setState(useVolume.getInitialState(), true);
  vi.stubGlobal("requestAnimationFrame", () => 0);
  vi.stubGlobal("cancelAnimationFrame", () => undefined);
});

test("plays, pauses, and goes on where it was", () => {
  const { player, audio } = setUp();
  player.toggle(a);
  expect(state()).toMatchObject({ clipId: "a", status: "loading", duration: 10 });
  audio().begin();
  audio().reach(3);
  player.toggle(a);
  expect(state()).toMatchObject({ status: "paused", time: 3 });
  player.toggle(a);
  expect(audio().loads).toEqual(["/a.mp3"]);
  expect(audio().currentTime).toBe(3);
});

test("another clip takes its place", () => {
  const { player, audio, audios } = setUp();
  player.play(a);
  audio().begin();
  player.play(b);
  expect(audios).toHaveLength(1);
  expect(audio().src).toBe("/b.mp3");
  expect(state()).toMatchObject({ clipId: "b", time: 0, duration: 5 });
});

test("rests when something else is heard, and makes others rest", () => {
  const { player, stage, audio } = setUp();
  const other = { rest: vi.fn() };
  stage.take(other);
  player.play(a);
  audio().begin();
  expect(other.rest).toHaveBeenCalledOnce();
  stage.take(other);
  expect(audio().paused).toBe(true);
  expect(state().status).toBe("paused");
});

test("seeks within its length, before it was ever played, too", () => {
  const { player, audio } = setUp();
  player.seek(a, 4);
  expect(state()).toMatchObject({ clipId: "a", status: "paused", time: 4 });
  expect(audio().paused).toBe(true);
  player.seek(a, 99);
  expect(state().time).toBe(10);
  player.seek(a, -1);
  expect(audio().currentTime).toBe(0);
});

test("the end is its length, and playing begins anew", () => {
  const { player, audio } = setUp();
  player.play({ ...a, duration: null });
  audio().begin();
  audio().duration = 9.5;
  audio().reach(9.5);
  audio().end();
  expect(state()).toMatchObject({ status: "paused", time: 9.5, duration: 9.5 });
  player.play({ ...a, duration: null });
  expect(audio().currentTime).toBe(0);
});

test("what arrives while it sounds goes on to its end, and is the whole from then on", () => {
  const { player, audio } = setUp();
  player.play({ id: "live", url: "blob:live", duration: null });
  audio().begin();
  audio().reach(2);
  player.replace({ id: "live", url: "blob:whole", duration: null });
  expect(audio().src).toBe("blob:live");
  audio().duration = 6;
  audio().end();
  expect(audio().src).toBe("blob:whole");
  expect(state()).toMatchObject({ status: "paused", time: 6, duration: 6 });
});

test("what runs dry goes on with the whole, where it was", () => {
  const { player, audio } = setUp();
  player.play({ id: "live", url: "blob:live", duration: null });
  audio().begin();
  audio().reach(2);
  player.replace({ id: "live", url: "blob:whole", duration: 8 });
  audio().dispatchEvent(new Event("waiting"));
  expect(audio().src).toBe("blob:whole");
  expect(audio().currentTime).toBe(2);
  expect(audio().paused).toBe(false);
});

test("one that rests turns to the whole at once, and seeking does so, too", () => {
  const { player, audio } = setUp();
  const live = { id: "live", url: "blob:live", duration: null };
  player.play(live);
  audio().begin();
  audio().reach(2);
  player.pause();
  player.replace({ ...live, url: "blob:whole", duration: 8 });
  expect(audio().src).toBe("blob:whole");
  expect(state()).toMatchObject({ status: "paused", time: 2, duration: 8 });
});

test("stopping one that is not heard leaves the other alone", () => {
  const { player, audio } = setUp();
  player.play(a);
  audio().begin();
  player.stop("b");
  expect(state().status).toBe("playing");
  player.stop("a");
  expect(state()).toMatchObject({ clipId: null, status: "idle" });
  expect(audio().src).toBe("");
});

test("the volume is the one that was chosen", () => {
  const { player, audio } = setUp();
  useVolume.setState({ level: 0.5 });
  player.play(a);
  expect(audio()).toMatchObject({ volume: 0.5, muted: false });
  useVolume.setState({ isMuted: true });
  expect(audio()).toMatchObject({ volume: 0.5, muted: true });
});

test.each([
  [404, /not there any more/],
  [500, /error \(500\)/],
  [200, /damaged/],
])("what cannot be played says why (%i)", async (status, words) => {
  vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(null, { status }));
  const { player, audio } = setUp();
  player.play(a);
  audio().fail();
  await vi.waitUntil(() => state().error !== null);
  expect(state()).toMatchObject({ status: "failed" });
  expect(state().error).toMatch(words);
});
