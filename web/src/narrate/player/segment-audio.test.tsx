import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { useStudio } from "@/api/events";
import { keys } from "@/api/keys";
import { renderPage, serve } from "../../../tests/page";
import { makeProject, makeSegment, makeSpokenSegment } from "../../../tests/segment";
import { makeTask } from "../../../tests/task";
import { useDrafts } from "../timeline/drafts";
import { player, usePlayer } from "./player";
import { SegmentAudio } from "./segment-audio";

// jsdom draws nothing.
vi.mock("wavesurfer.js", () => ({
  default: { create: () => ({ on: () => () => undefined, setTime() {}, destroy() {} }) },
}));

const GENERATE = "/api/segments/segment-1/generate-audio/";

function serveSegment(refusal?: { status: number; detail: string }) {
  return serve(({ path }) => {
    if (path.endsWith("/peaks/")) return { body: { segment_id: "segment-1", duration: 5.2, peaks: [0, 1] } };
    if (path !== GENERATE) return undefined;
    return refusal
      ? { status: refusal.status, body: { detail: refusal.detail } }
      : { status: 202, body: { task_id: "t", segment_id: "segment-1", status: "PENDING", message: "" } };
  });
}

const generated = (calls: ReturnType<typeof serveSegment>) =>
  calls.filter(({ path }) => path === GENERATE).length;

beforeEach(() => {
  useStudio.setState({ ...useStudio.getInitialState() });
  useDrafts.setState({ drafts: {} });
  usePlayer.setState(usePlayer.getInitialState(), true);
});

describe("without audio", () => {
  test("a segment can be spoken", async () => {
    const calls = serveSegment();
    renderPage(<SegmentAudio segment={makeSegment()} />);
    await userEvent.click(screen.getByRole("button", { name: "Generate Audio" }));
    await vi.waitFor(() => expect(generated(calls)).toBe(1));
    expect(screen.queryByRole("slider")).toBeNull();
  });

  test.each([
    { name: "locked", segment: { is_locked: true }, reason: "Unlock segment to generate audio." },
    {
      name: "empty",
      segment: { text_content: " \n" },
      reason: "Write some text first: there is nothing to speak.",
    },
  ])("a segment that is $name says why it cannot, by keyboard too", async ({ segment, reason }) => {
    const calls = serveSegment();
    renderPage(<SegmentAudio segment={makeSegment(segment)} />);
    await userEvent.tab();
    const button = screen.getByRole("button", { name: "Generate Audio" });
    expect(button).toHaveFocus();
    expect(button).toHaveAttribute("aria-disabled", "true");
    expect(await screen.findByRole("tooltip")).toHaveTextContent(reason);
    await userEvent.keyboard("{Enter}");
    expect(generated(calls)).toBe(0);
  });

  test("what the server refuses is said", async () => {
    serveSegment({ status: 503, detail: "TTS model not available. Please install kokoro-v0_19.onnx." });
    renderPage(<SegmentAudio segment={makeSegment()} />);
    await userEvent.click(screen.getByRole("button", { name: "Generate Audio" }));
    expect(await screen.findByRole("alert")).toHaveTextContent(/Please install/);
  });

  test("that the server was away is not said any more once it is back", async () => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("failed"));
    renderPage(<SegmentAudio segment={makeSegment()} />);
    await userEvent.click(screen.getByRole("button", { name: "Generate Audio" }));
    expect(await screen.findByRole("alert")).toHaveTextContent(/cannot be reached/);
    act(() => useStudio.setState({ connection: "lost" }));
    expect(screen.getByRole("alert")).toBeVisible();
    act(() => useStudio.setState({ connection: "open" }));
    await vi.waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });

  test("what was refused is not said any more once it was taken", async () => {
    serveSegment({ status: 503, detail: "The queue is full." });
    function Changing() {
      const [taskId, setTaskId] = useState<string | null>(null);
      return (
        <>
          <button onClick={() => setTaskId(taskId === null ? "tts_1" : null)}>Turn</button>
          <SegmentAudio segment={makeSegment({ task_id: taskId })} />
        </>
      );
    }
    renderPage(<Changing />);
    await userEvent.click(screen.getByRole("button", { name: "Generate Audio" }));
    expect(await screen.findByRole("alert")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Turn" }));
    await userEvent.click(screen.getByRole("button", { name: "Turn" }));
    expect(screen.getByRole("button", { name: "Generate Audio" })).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
  });
});

describe("on its way", () => {
  const task = makeTask({ task_id: "batch", progress: { current_segment_id: "segment-0" } });

  test("a segment that is being spoken says so and offers nothing", () => {
    useStudio.setState({
      tasks: [{ ...task, progress: { ...task.progress, current_segment_id: "segment-1" } }],
    });
    renderPage(<SegmentAudio segment={makeSegment({ task_id: "batch" })} />);
    expect(screen.getByText("Generating...")).toBeVisible();
    expect(screen.queryByRole("button")).toBeNull();
  });

  test("a segment that waits tells its place among those of its task", () => {
    const ids = ["segment-0", "segment-1", "segment-2"];
    const project = makeProject([
      makeSegment({ id: "y" }),
      ...ids.map((id) => makeSegment({ id, task_id: "batch" })),
    ]);
    const last = project.segments.at(-1) ?? makeSegment();
    const { client } = renderPage(<SegmentAudio segment={last} />);
    expect(screen.getByText("Waiting")).toBeVisible();
    client.setQueryData(keys.project("project-1"), project);
    act(() => useStudio.setState({ tasks: [task] }));
    expect(screen.getByText("Waiting: number 2 in the queue")).toBeVisible();
  });

  test("a segment of a task that rests says that", () => {
    useStudio.setState({ tasks: [{ ...task, paused: true }] });
    renderPage(<SegmentAudio segment={makeSegment({ task_id: "batch" })} />);
    expect(screen.getByText("Waiting: the queue is paused")).toBeVisible();
  });

  test("an old recording can be heard until the new one is there", () => {
    serveSegment();
    useStudio.setState({ tasks: [task] });
    renderPage(<SegmentAudio segment={makeSpokenSegment({ task_id: "batch" })} />);
    expect(screen.getByRole("button", { name: "Play" })).toBeVisible();
  });
});

describe("with audio", () => {
  test("a segment shows its length, who spoke it, and can be made again", async () => {
    const calls = serveSegment();
    renderPage(<SegmentAudio segment={makeSpokenSegment()} />);
    expect(screen.getByText("0:00 / 0:05")).toBeVisible();
    expect(screen.getByText("Spoken by af_bella (kokoro)")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Regenerate" }));
    await vi.waitFor(() => expect(generated(calls)).toBe(1));
  });

  test("a segment is played and paused", async () => {
    serveSegment();
    const segment = makeSpokenSegment();
    const toggle = vi.spyOn(player, "toggle").mockReturnValue();
    renderPage(<SegmentAudio segment={segment} />);
    await userEvent.click(screen.getByRole("button", { name: "Play" }));
    expect(toggle).toHaveBeenCalledWith(segment);
  });

  test("the one that plays shows where it is", () => {
    serveSegment();
    usePlayer.setState({ segmentId: "segment-1", status: "playing", time: 2.9, duration: 5.2 });
    renderPage(<SegmentAudio segment={makeSpokenSegment()} />);
    expect(screen.getByText("0:02 / 0:05")).toBeVisible();
    expect(screen.getByRole("button", { name: "Pause" })).toBeVisible();
    expect(screen.getByRole("slider", { name: "Position" })).toHaveAttribute(
      "aria-valuetext",
      "0:02 of 0:05",
    );
  });

  test.each([
    { time: 0, said: 5.6, shown: "0:00 / 0:06" },
    { time: 5.5, said: 5.6, shown: "0:05 / 0:06" },
    { time: 6.1, said: 5.2, shown: "0:05 / 0:05" }, // decoded, it is longer than it is said to be
  ])("$time s of $said s are $shown", ({ time, said, shown }) => {
    serveSegment();
    usePlayer.setState({ segmentId: "segment-1", status: "playing", time, duration: said });
    renderPage(<SegmentAudio segment={makeSpokenSegment({ audio_duration: said })} />);
    expect(screen.getByText(shown)).toBeVisible();
    const slider = screen.getByRole("slider", { name: "Position" });
    expect(slider).toHaveAttribute("aria-valuetext", shown.replace(" / ", " of "));
    expect(slider).toHaveAttribute("aria-valuemax", String(Math.round(said)));
  });

  test.each([
    ["{ArrowRight}", 3],
    ["{ArrowLeft}", 1],
    ["{PageUp}", 5.2],
    ["{PageDown}", 0],
    ["{Home}", 0],
    ["{End}", 5.2],
  ])("the key %s moves within the recording to %d", async (key, time) => {
    serveSegment();
    const seekIn = vi.spyOn(player, "seekIn").mockReturnValue();
    usePlayer.setState({ segmentId: "segment-1", status: "paused", time: 2, duration: 5.2 });
    renderPage(<SegmentAudio segment={makeSpokenSegment()} />);
    screen.getByRole("slider").focus();
    await userEvent.keyboard(key);
    expect(seekIn).toHaveBeenCalledWith(expect.objectContaining({ id: "segment-1" }), time);
  });

  test("a click on the outline moves there", async () => {
    serveSegment();
    const seekIn = vi.spyOn(player, "seekIn").mockReturnValue();
    renderPage(<SegmentAudio segment={makeSpokenSegment({ audio_duration: 10 })} />);
    const slider = screen.getByRole("slider");
    vi.spyOn(slider, "getBoundingClientRect").mockReturnValue(new DOMRect(100, 0, 200, 40));
    slider.setPointerCapture = () => undefined;
    await userEvent.pointer({ keys: "[MouseLeft]", target: slider, coords: { clientX: 150 } });
    expect(seekIn).toHaveBeenCalledWith(expect.objectContaining({ id: "segment-1" }), 2.5);
  });

  test("a recording that does not play says why", () => {
    serveSegment();
    usePlayer.setState({ segmentId: "segment-1", status: "failed", error: "It is gone." });
    renderPage(<SegmentAudio segment={makeSpokenSegment()} />);
    expect(screen.getByRole("alert")).toHaveTextContent("It is gone.");
  });
});

test("a recording of another text stays playable, with a warning", async () => {
  const calls = serveSegment();
  renderPage(<SegmentAudio segment={makeSpokenSegment({ audio_stale: true })} />);
  expect(screen.getByText("Text changed — audio may be out of sync. Regenerate?")).toBeVisible();
  expect(screen.getByRole("button", { name: "Play" })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Regenerate" }));
  await vi.waitFor(() => expect(generated(calls)).toBe(1));
});

test("the button stays where it is and keeps the focus when the recording goes out of date", () => {
  serveSegment();
  renderPage(<SegmentAudio segment={makeSpokenSegment()} />);
  const button = screen.getByRole("button", { name: "Regenerate" });
  button.focus();
  act(() =>
    useDrafts.setState({ drafts: { "segment-1/text_content": { value: "Typed.", status: "unsaved" } } }),
  );
  expect(screen.getByText(/out of sync/)).toBeVisible();
  expect(screen.getByRole("button", { name: "Regenerate" })).toBe(button);
  expect(button).toHaveFocus();
});

test("a failed try says why and can be made again, the old recording still playable", async () => {
  const calls = serveSegment();
  renderPage(<SegmentAudio segment={makeSpokenSegment({ audio_error: "The disk is full." })} />);
  expect(screen.getByText("The disk is full.")).toBeVisible();
  expect(screen.getByRole("button", { name: "Play" })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Retry" }));
  await vi.waitFor(() => expect(generated(calls)).toBe(1));
});
