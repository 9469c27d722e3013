import { beforeEach, describe, expect, test, vi } from "vitest";
import "@/strings/strings";
import type { Segment } from "@/api/client";
import { audioUrl } from "@/api/segments";
import { fakeAudios } from "../../../tests/audio";
import { makeSegment, makeSpokenSegment } from "../../../tests/segment";
import { Player, usePlayer } from "./player";

const segments = ["a", "b", "c"].map((id) => makeSpokenSegment({ id }));
const [a, b, c] = segments as [Segment, Segment, Segment];
const state = () => usePlayer.getState();

function setUp() {
  const { audios, create, sounding } = fakeAudios();
  const player = new Player(create);
  /** Plays one to its end, as the browser tells it. */
  const hear = () => {
    sounding().begin();
    sounding().end();
  };
  const waiting = () => audios.find((one) => one.paused)?.src;
  return { player, audios, sounding, hear, waiting };
}

beforeEach(() => {
  usePlayer.setState(usePlayer.getInitialState(), true);
  vi.stubGlobal("requestAnimationFrame", () => 0);
  vi.stubGlobal("cancelAnimationFrame", () => undefined);
});

describe("one recording", () => {
  test("plays, pauses, and goes on where it was", () => {
    const { player, sounding, audios } = setUp();
    player.toggle(a);
    expect(state()).toMatchObject({ segmentId: "a", status: "loading", time: 0, duration: 5.2 });
    const audio = sounding();
    audio.begin();
    expect(state().status).toBe("playing");
    audio.reach(2);
    player.toggle(a);
    expect(state()).toMatchObject({ status: "paused", time: 2 });
    player.toggle(a);
    expect(sounding()).toBe(audio);
    expect(audio.currentTime).toBe(2);
    expect(audios.flatMap((one) => one.loads)).toEqual([audioUrl(a)]);
  });

  test("stops another", () => {
    const { player, sounding } = setUp();
    player.play(a);
    sounding().begin();
    player.play(b);
    expect(sounding().src).toBe(audioUrl(b));
    expect(state()).toMatchObject({ segmentId: "b", status: "loading", time: 0 });
  });

  test("ends at its end, and starts anew from there", () => {
    const { player, hear, sounding } = setUp();
    player.play(a);
    hear();
    expect(state()).toMatchObject({ segmentId: "a", status: "paused", time: 5.2 });
    player.toggle(a);
    expect(sounding().currentTime).toBe(0);
  });

  test("is moved within its bounds", () => {
    const { player, sounding } = setUp();
    player.play(a);
    for (const [seconds, time] of [
      [3, 3],
      [-1, 0],
      [99, 5.2],
    ] as const) {
      player.seek(seconds);
      expect(sounding().currentTime).toBe(time);
      expect(state().time).toBe(time);
    }
  });

  test("is made current, silent, by moving within it while nothing sounds", () => {
    const { player, audios } = setUp();
    player.seekIn(b, 4);
    expect(state()).toMatchObject({ segmentId: "b", status: "paused", time: 4 });
    expect(audios.every((one) => one.paused)).toBe(true);
  });

  test("takes over by moving within it while another one sounds", () => {
    const { player, sounding } = setUp();
    player.play(a);
    player.seekIn(b, 4);
    expect(sounding()).toMatchObject({ src: audioUrl(b), currentTime: 4 });
  });

  test("is not there without audio", () => {
    const { player, audios } = setUp();
    player.play(makeSegment());
    expect(state().status).toBe("idle");
    expect(audios).toEqual([]);
  });

  test("may be kept silent by the browser", async () => {
    const { player, audios } = setUp();
    player.seekIn(a, 0);
    for (const audio of audios)
      audio.play = () => Promise.reject(new DOMException("Not without a click.", "NotAllowedError"));
    player.play(a);
    await vi.waitFor(() => expect(state().status).toBe("paused"));
  });
});

describe("a recording that does not play", () => {
  const cases = [
    { name: "gone", status: 404, error: "The recording is not there any more. Regenerate it." },
    {
      name: "damaged",
      status: 200,
      error: "The recording cannot be played; its file may be damaged. Regenerate it.",
    },
    { name: "a server's error", status: 500, error: "The server answered with an error (500)." },
  ];
  test.each(cases)("says why: $name", async ({ status, error }) => {
    vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(null, { status }));
    const { player, sounding } = setUp();
    player.play(a);
    sounding().fail();
    expect(state().status).toBe("failed");
    await vi.waitFor(() => expect(state().error).toBe(error));
  });

  test("says that the server is away", async () => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("failed"));
    const { player, sounding } = setUp();
    player.play(a);
    sounding().fail();
    await vi.waitFor(() => expect(state().error).toMatch(/cannot be reached/));
  });

  test("is fetched again when played again", async () => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("failed"));
    const { player, sounding } = setUp();
    player.play(a);
    const audio = sounding();
    audio.fail();
    await vi.waitFor(() => expect(state().error).not.toBeNull());
    player.toggle(a);
    expect(audio.loads).toEqual([audioUrl(a), audioUrl(a)]);
    expect(state()).toMatchObject({ status: "loading", error: null });
  });
});

describe("all recordings", () => {
  test("play in order and end", () => {
    const { player, sounding, hear } = setUp();
    player.playAll(segments);
    for (const { id } of segments) {
      expect(state()).toMatchObject({ segmentId: id, isPlayingAll: true });
      expect(sounding().src).toContain(`/${id}.wav`);
      hear();
    }
    expect(state()).toMatchObject({ segmentId: "c", status: "paused", isPlayingAll: false });
  });

  test("have the next one loaded while one plays, in the other element", () => {
    const { player, sounding, hear, audios } = setUp();
    player.playAll(segments);
    const first = sounding();
    first.begin();
    const second = audios.find((one) => one !== first);
    expect(second?.loads).toEqual([audioUrl(b)]);
    first.end();
    expect(sounding()).toBe(second);
    expect(second?.loads).toEqual([audioUrl(b)]);
    hear();
    expect(first.loads).toEqual([audioUrl(a), audioUrl(c)]);
  });

  test("leave out what has no audio", () => {
    const { player, hear } = setUp();
    player.playAll([makeSegment({ id: "x" }), a, makeSegment({ id: "y" }), b]);
    expect(state().segmentId).toBe("a");
    hear();
    expect(state().segmentId).toBe("b");
  });

  test.each([
    { name: "from the one given", from: "b", first: "b" },
    { name: "from the next with audio", from: "y", first: "c" },
    { name: "from the beginning without one", from: undefined, first: "a" },
    { name: "from the beginning when it is gone", from: "z", first: "a" },
  ])("start $name", ({ from, first }) => {
    const { player } = setUp();
    player.playAll([a, b, makeSegment({ id: "y" }), c], from);
    expect(state().segmentId).toBe(first);
  });

  test("go on with the one that plays already", () => {
    const { player, sounding } = setUp();
    player.play(b);
    sounding().begin();
    sounding().reach(3);
    player.playAll(segments, "b");
    expect(state()).toMatchObject({ segmentId: "b", isPlayingAll: true, time: 3 });
    sounding().end();
    expect(state().segmentId).toBe("c");
  });

  test("step to the next, and back to the beginning before the one before", () => {
    const { player, sounding } = setUp();
    player.playAll(segments);
    player.next();
    expect(state().segmentId).toBe("b");
    sounding().begin();
    sounding().reach(4);
    player.previous();
    expect(state()).toMatchObject({ segmentId: "b", time: 0 });
    player.previous();
    expect(state().segmentId).toBe("a");
    player.previous();
    expect(state()).toMatchObject({ segmentId: "a", time: 0, isPlayingAll: true });
  });

  test("stop", () => {
    const { player, sounding, audios } = setUp();
    player.playAll(segments);
    sounding().begin();
    player.stop();
    expect(state()).toMatchObject({ segmentId: null, status: "idle", isPlayingAll: false });
    expect(audios.map(({ src, paused }) => [src, paused])).toEqual([
      ["", true],
      ["", true],
    ]);
  });
});

describe("edits while it plays", () => {
  function playingAll() {
    const all = setUp();
    all.player.playAll(segments);
    all.sounding().begin();
    return all;
  }

  test("of text, lock and place do not disturb it", () => {
    const { player, sounding, audios } = playingAll();
    const audio = sounding();
    audio.reach(2);
    player.follow(segments.map((one) => ({ ...one, is_locked: true, updated_at: "2026-06-01T00:00:00Z" })));
    expect(sounding()).toBe(audio);
    expect(audio.currentTime).toBe(2);
    expect(audios.map((one) => one.loads.length)).toEqual([1, 1]);
  });

  test("of the order change what comes next", () => {
    const { player, sounding, waiting } = playingAll();
    player.follow([a, c, b]);
    expect(waiting()).toBe(audioUrl(c));
    sounding().end();
    expect(state().segmentId).toBe("c");
  });

  test("that remove the current one go on with what followed it", () => {
    const { player, sounding } = playingAll();
    player.follow([c, b]);
    expect(state()).toMatchObject({ segmentId: "b", isPlayingAll: true });
    expect(sounding().src).toBe(audioUrl(b));
  });

  test("that remove all of them end it", () => {
    const { player } = playingAll();
    player.follow([]);
    expect(state().status).toBe("idle");
  });

  test("that remove the only one played end it, although others are left", () => {
    const { player, sounding } = setUp();
    player.follow(segments);
    player.play(a);
    sounding().begin();
    player.follow([b, c]);
    expect(state().status).toBe("idle");
  });

  test("that make the current one anew play it from its beginning", () => {
    const { player, sounding } = playingAll();
    sounding().reach(2);
    const anew = { ...a, audio_created_at: "2026-05-04T11:00:00.000Z" };
    player.follow([anew, b, c]);
    expect(sounding()).toMatchObject({ src: audioUrl(anew), currentTime: 0 });
    expect(state()).toMatchObject({ segmentId: "a", isPlayingAll: true });
  });

  test("that make a paused one anew leave it silent", () => {
    const { player, audios } = playingAll();
    player.pause();
    player.follow([{ ...a, audio_created_at: "2026-05-04T11:00:00.000Z" }, b, c]);
    expect(state()).toMatchObject({ segmentId: "a", status: "paused", time: 0 });
    expect(audios.every((one) => one.paused)).toBe(true);
  });

  test("that make the next one anew load it again", () => {
    const { player, waiting } = playingAll();
    const anew = { ...b, audio_created_at: "2026-05-04T11:00:00.000Z" };
    player.follow([a, anew, c]);
    expect(waiting()).toBe(audioUrl(anew));
  });

  test("that give a segment its first audio put it in its place", () => {
    const { player, hear } = setUp();
    player.playAll([a, makeSegment({ id: "b" }), c]);
    player.follow(segments);
    hear();
    expect(state().segmentId).toBe("b");
  });
});
