import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import "@/strings/strings";
import { makeSegment, makeSpokenSegment } from "../../../tests/segment";
import { announce } from "../timeline/announcer";
import { useAnnounceReady } from "./announce-ready";

vi.mock(import("../timeline/announcer"), { spy: true });

const ids = ["a", "b", "c"];
/** The three of them, so many spoken; moment: when. */
const spoken = (count: number, moment = "2026-05-04T10:01:00.000Z") =>
  ids.map((id, index) =>
    index < count ? makeSpokenSegment({ id, audio_created_at: moment }) : makeSegment({ id }),
  );

function watch(count: number) {
  const { rerender } = renderHook(({ segments }) => useAnnounceReady(segments), {
    initialProps: { segments: spoken(count) },
  });
  return (segments: ReturnType<typeof spoken>) => rerender({ segments });
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.mocked(announce).mockClear();
});
afterEach(() => vi.useRealTimers());

test("what is ready when one comes is not announced", () => {
  watch(2);
  expect(announce).not.toHaveBeenCalled();
});

test("the first new recording is announced at once, those that follow fast together", () => {
  const show = watch(0);
  show(spoken(1));
  expect(announce).toHaveBeenLastCalledWith("Segment 1 ready");
  show(spoken(2));
  show(spoken(3));
  expect(announce).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(4_000);
  expect(announce).toHaveBeenLastCalledWith("2 segments ready");
  vi.advanceTimersByTime(60_000);
  expect(announce).toHaveBeenCalledTimes(2);
});

test("one made again is announced, a changed order is not", () => {
  const show = watch(2);
  show(spoken(2).toReversed());
  expect(announce).not.toHaveBeenCalled();
  const [first, ...others] = spoken(2);
  show([{ ...(first ?? makeSegment()), audio_created_at: "2026-05-04T11:00:00.000Z" }, ...others]);
  expect(announce).toHaveBeenCalledExactlyOnceWith("Segment 1 ready");
});
