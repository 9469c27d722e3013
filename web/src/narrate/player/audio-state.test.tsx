import { act, renderHook } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { useStudio } from "@/api/events";
import { makeSegment, makeSpokenSegment } from "../../../tests/segment";
import { makeEndedTask, makeTask } from "../../../tests/task";
import { typeDraft, useDrafts } from "@/narrate/timeline/drafts";
import { audioState, useAudioState } from "./audio-state";

const task = makeTask({ task_id: "batch", progress: { current_segment_id: "segment-1" } });

const cases = [
  { name: "nothing yet", segment: makeSegment(), state: "none" },
  { name: "a recording", segment: makeSpokenSegment(), state: "ready" },
  { name: "a recording of another text", segment: makeSpokenSegment({ audio_stale: true }), state: "stale" },
  { name: "a failed try", segment: makeSegment({ audio_error: "No voice." }), state: "failed" },
  {
    name: "a failed try to renew a recording",
    segment: makeSpokenSegment({ audio_error: "No voice.", audio_stale: true }),
    state: "failed",
  },
  { name: "its turn in a task", segment: makeSegment({ task_id: "batch" }), state: "generating" },
  { name: "a retry", segment: makeSegment({ task_id: "batch", audio_error: "No." }), state: "generating" },
  {
    name: "the turn of another one",
    segment: makeSegment({ id: "segment-2", task_id: "batch" }),
    state: "queued",
  },
  { name: "a task not heard of yet", segment: makeSegment({ task_id: "new" }), state: "queued" },
  {
    name: "a task that waits",
    segment: makeSegment({ task_id: "batch" }),
    tasks: [{ ...task, status: "PENDING" as const }],
    state: "queued",
  },
  {
    name: "a task that rests",
    segment: makeSegment({ task_id: "batch" }),
    tasks: [{ ...task, paused: true }],
    state: "queued",
  },
];

test.each(cases)("$name is $state", ({ segment, tasks = [task], state }) => {
  expect(audioState(segment, tasks)).toBe(state);
});

beforeEach(() => useStudio.setState({ tasks: [task] }));

test("a segment just spoken does not wait again until the page has heard of its recording", () => {
  const spoken = makeSegment({ task_id: "batch" });
  const { result, rerender } = renderHook(({ segment }) => useAudioState(segment), {
    initialProps: { segment: spoken },
  });
  expect(result.current).toBe("generating");
  act(() => useStudio.setState({ tasks: [makeEndedTask({ task_id: "batch" })] }));
  expect(result.current).toBe("generating");
  rerender({ segment: makeSpokenSegment() });
  expect(result.current).toBe("ready");
  rerender({ segment: makeSpokenSegment({ task_id: "batch" }) });
  expect(result.current).toBe("queued");
});

test("a segment whose task is paused while it is spoken waits", () => {
  const { result } = renderHook(() => useAudioState(makeSegment({ task_id: "batch" })));
  act(() => useStudio.setState({ tasks: [{ ...task, paused: true }] }));
  expect(result.current).toBe("queued");
});

test("a recording is outdated while its text is being written, before the server has it", () => {
  useDrafts.setState({ drafts: {} });
  const segment = makeSpokenSegment({ text_content: "Fog came in." });
  const { result } = renderHook(() => useAudioState(segment));
  expect(result.current).toBe("ready");
  act(() => typeDraft(segment, "text_content", "Fog came in again."));
  expect(result.current).toBe("stale");
  act(() => typeDraft(segment, "text_content", "Fog came in."));
  expect(result.current).toBe("ready");
});
