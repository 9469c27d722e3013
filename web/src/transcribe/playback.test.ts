import { beforeEach, expect, test, vi } from "vitest";
import { FakeAudio } from "../../tests/audio";
import { stage } from "@/sound/stage";
import { playback, usePlayback } from "./playback";

class FakeMedia extends FakeAudio {
  override play() {
    const played = super.play();
    this.dispatchEvent(new Event("play"));
    return played;
  }
  know(duration: number) {
    this.duration = duration;
    this.dispatchEvent(new Event("durationchange"));
    this.dispatchEvent(new Event("loadedmetadata"));
  }
}

let media: FakeMedia;
let detach: () => void;
const shown = () => usePlayback.getState();

beforeEach(() => {
  vi.stubGlobal("requestAnimationFrame", () => 0);
  media = new FakeMedia();
  detach = playback.attach(media as unknown as HTMLMediaElement);
});

test("it plays from where one points, and rests", () => {
  media.know(60);
  playback.playFrom(12);
  expect(shown()).toMatchObject({ isPlaying: true, time: 12, duration: 60 });
  playback.toggle();
  expect(shown().isPlaying).toBe(false);
  playback.toggle();
  expect(shown().isPlaying).toBe(true);
});

test("nobody gets beyond the ends", () => {
  media.know(60);
  playback.seek(-3);
  expect(media.currentTime).toBe(0);
  playback.seek(99);
  expect(media.currentTime).toBe(60);
});

test("a recording that does not say how long it is is measured, unseen", () => {
  media.know(Infinity);
  expect(media.currentTime).toBeGreaterThan(1e6);
  media.dispatchEvent(new Event("timeupdate"));
  expect(shown()).toMatchObject({ time: 0, duration: 0 });
  media.duration = 4.2;
  media.dispatchEvent(new Event("durationchange"));
  expect(media.currentTime).toBe(0);
  expect(shown()).toMatchObject({ time: 0, duration: 4.2 });
});

test("what the browser cannot play is told, and does not move", () => {
  media.fail();
  playback.seek(5);
  expect(shown()).toMatchObject({ hasFailed: true, time: 0 });
});

test("another sound of the page makes it rest", () => {
  playback.toggle();
  stage.take({ rest: () => undefined });
  expect(shown().isPlaying).toBe(false);
});

test("one that leaves the page is silent, and forgotten", () => {
  playback.playFrom(3);
  detach();
  expect(media.paused).toBe(true);
  expect(shown()).toMatchObject({ isPlaying: false, time: 0, duration: 0 });
  media.reach(9);
  expect(shown().time).toBe(0);
});
