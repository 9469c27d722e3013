import { act, fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { useStudio } from "@/api/events";
import { type Call, renderPage, serve } from "../../../tests/page";
import { makeProject, makeSegment, makeSpokenSegment } from "../../../tests/segment";
import { makeEndedTask, makeTask } from "../../../tests/task";
import { useDrafts } from "../timeline/drafts";
import { usePlace } from "../timeline/place";
import { TimelineFooter } from "./footer";
import { player, usePlayer } from "./player";

const ALL = "/api/projects/project-1/generate-all-audio/";

function serveProject(project = makeProject([])) {
  return serve(({ method, path }) => {
    if (method === "GET" && path === "/api/projects/project-1/") return { body: project };
    if (path === ALL) return { status: 202, body: { task_id: "t" } };
    if (/generate-audio|retry|pause|resume|cancel/.test(path)) return { status: 202, body: {} };
    if (method === "PATCH") return { body: makeSegment({ text_content: "Typed." }) };
    return undefined;
  });
}

const posts = (calls: Call[]) => calls.filter(({ method }) => method === "POST").map(({ path }) => path);

const ids = ["a", "b", "c"];
const silent = makeProject(ids.map((id) => makeSegment({ id })));
const spoken = makeProject(ids.map((id) => makeSpokenSegment({ id })));

beforeEach(() => {
  useStudio.setState({ tasks: [] });
  usePlayer.setState(usePlayer.getInitialState(), true);
  usePlace.setState({ currentId: null });
  useDrafts.setState({ drafts: {} });
  vi.spyOn(player, "follow").mockReturnValue(); // jsdom plays nothing
  vi.spyOn(player, "stop").mockReturnValue();
});

describe("speaking all", () => {
  test("asks for what is not spoken yet", async () => {
    const calls = serveProject();
    renderPage(<TimelineFooter project={silent} />);
    await userEvent.click(screen.getByRole("button", { name: "Generate All Audio" }));
    await vi.waitFor(() =>
      expect(calls).toContainEqual({
        method: "POST",
        path: ALL,
        body: { skip_locked: true, force_regenerate: false },
      }),
    );
  });

  test("saves what was typed before", async () => {
    const calls = serveProject();
    renderPage(<TimelineFooter project={silent} />);
    useDrafts.setState({ drafts: { "a/text_content": { value: "Typed.", status: "unsaved" } } });
    await userEvent.click(screen.getByRole("button", { name: "Generate All Audio" }));
    await vi.waitFor(() => expect(posts(calls)).toEqual([ALL]));
    const methods = calls.map(({ method }) => method);
    expect(methods.indexOf("PATCH")).toBeGreaterThanOrEqual(0);
    expect(methods.indexOf("PATCH")).toBeLessThan(methods.indexOf("POST"));
  });

  test("does not speak an old text when the new one cannot be saved", async () => {
    const calls = serve(({ method }) => (method === "PATCH" ? { status: 500, body: { detail: "No." } } : {}));
    renderPage(<TimelineFooter project={silent} />);
    useDrafts.setState({ drafts: { "a/text_content": { value: "Typed.", status: "unsaved" } } });
    await userEvent.click(screen.getByRole("button", { name: "Generate All Audio" }));
    await vi.waitFor(() => expect(calls.map(({ method }) => method)).toContain("PATCH"));
    expect(posts(calls)).toEqual([]);
  });

  test("says that there is nothing to do, and asks before it makes all anew", async () => {
    const calls = serveProject();
    renderPage(<TimelineFooter project={spoken} />);
    expect(screen.getByText("All audio is up to date")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Regenerate all" }));
    const dialog = screen.getByRole("alertdialog", { name: "Regenerate all audio?" });
    expect(calls).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Regenerate all" }));
    await vi.waitFor(() =>
      expect(calls).toContainEqual({
        method: "POST",
        path: ALL,
        body: { skip_locked: true, force_regenerate: true },
      }),
    );
  });

  test.each([
    { name: "one is being made anew", change: { task_id: "tts_1", audio_stale: true }, draft: undefined },
    { name: "a text is not saved", change: {}, draft: "failed" as const },
    { name: "a text is being saved", change: {}, draft: "saving" as const },
  ])("does not say that all is done while $name", ({ change, draft }) => {
    const project = makeProject([makeSpokenSegment({ id: "a", ...change }), makeSpokenSegment({ id: "b" })]);
    if (draft) useDrafts.setState({ drafts: { "b/text_content": { value: "Typed.", status: draft } } });
    renderPage(<TimelineFooter project={project} />);
    expect(screen.getByRole("button", { name: "Generate All Audio" })).toBeVisible();
    expect(screen.queryByText("All audio is up to date")).toBeNull();
  });

  test("says so again once the text is saved", () => {
    renderPage(<TimelineFooter project={spoken} />);
    const draft = { value: "Typed." };
    act(() => useDrafts.setState({ drafts: { "a/text_content": { ...draft, status: "unsaved" } } }));
    expect(screen.queryByText("All audio is up to date")).toBeNull();
    act(() => useDrafts.setState({ drafts: { "a/text_content": { ...draft, status: "saved" } } }));
    expect(screen.getByText("All audio is up to date")).toBeVisible();
  });

  test("says why it cannot when all is locked or empty", async () => {
    const calls = serveProject();
    const project = makeProject([
      makeSegment({ is_locked: true }),
      makeSegment({ id: "b", text_content: "" }),
    ]);
    renderPage(<TimelineFooter project={project} />);
    await userEvent.tab();
    const button = screen.getByRole("button", { name: "Generate All Audio" });
    expect(button).toHaveFocus();
    expect(await screen.findByRole("tooltip")).toHaveTextContent(/locked or without text/);
    await userEvent.click(button);
    expect(calls).toEqual([]);
  });
});

test("the footer is a place to jump to", () => {
  renderPage(<TimelineFooter project={silent} />);
  const region = screen.getByRole("region", { name: "Audio of all segments" });
  expect(within(region).getByRole("button", { name: "Generate All Audio" })).toBeVisible();
});

describe("a batch", () => {
  test.each([
    { completed: 4, total: 12, text: "Generating audio... 4/12 segments complete (33%)" },
    { completed: 0, total: 12, text: "Generating audio... 0/12 segments complete (0%)" },
    { completed: 2, total: 3, text: "Generating audio... 2/3 segments complete (66%)" },
    { completed: 12, total: 12, text: "Generating audio... 12/12 segments complete (100%)" },
  ])("says: $text", ({ completed, total, text }) => {
    useStudio.setState({ tasks: [makeTask({ progress: { completed, total } })] });
    renderPage(<TimelineFooter project={silent} />);
    expect(screen.getByText(text)).toBeVisible();
    expect(screen.getByRole("progressbar", { name: text })).toHaveAttribute(
      "aria-valuenow",
      String(completed),
    );
    expect(screen.queryByRole("button", { name: "Generate All Audio" })).toBeNull();
  });

  test("of another project is not this one's", () => {
    useStudio.setState({ tasks: [makeTask({ project_id: "project-2" })] });
    renderPage(<TimelineFooter project={silent} />);
    expect(screen.queryByRole("progressbar")).toBeNull();
  });

  test("tells the time that is left, and how many failed", () => {
    useStudio.setState({ tasks: [makeTask({ eta_s: 95, progress: { failed: 2 } })] });
    renderPage(<TimelineFooter project={silent} />);
    expect(screen.getByText("about 1:35 left")).toBeVisible();
    expect(screen.getByText("2 failed")).toBeVisible();
  });

  test.each([
    { button: "Pause", paused: false, action: "pause" },
    { button: "Resume", paused: true, action: "resume" },
    { button: "Cancel", paused: false, action: "cancel" },
  ])("has a button $button", async ({ button, paused, action }) => {
    const calls = serveProject();
    const task = makeTask({ paused });
    useStudio.setState({ tasks: [task] });
    renderPage(<TimelineFooter project={silent} />);
    await userEvent.click(screen.getByRole("button", { name: button }));
    await vi.waitFor(() => expect(posts(calls)).toEqual([`/api/tasks/${task.task_id}/${action}/`]));
  });
});

describe("failures", () => {
  const failing = makeProject([
    makeSpokenSegment({ id: "a" }),
    makeSegment({ id: "b", audio_error: "No voice." }),
    makeSegment({ id: "c", audio_error: "No voice." }),
  ]);

  const task = makeEndedTask({ progress: { failed: 1 } });
  const RETRY = `/api/tasks/${task.task_id}/retry/`;
  const single = (id: string) => `/api/segments/${id}/generate-audio/`;

  /** A server whose batch has these errors, and answers so to a retry. */
  const serveBatch = (errors: string[], status = 202) =>
    serve(({ path }) => {
      if (path.endsWith("/status/"))
        return { body: { ...task, errors: errors.map((id) => ({ segment_id: id, error: "No voice." })) } };
      return path === RETRY
        ? { status, body: { error: "No segment of this task has failed." } }
        : { body: {} };
    });

  test.each([
    { name: "as the batch they were of", errors: ["b", "c"], posts: [RETRY] },
    { name: "as the batch, and others by themselves", errors: ["b"], posts: [RETRY, single("c")] },
    {
      name: "by themselves when the batch has none any more",
      errors: ["b"],
      status: 409,
      posts: [RETRY, single("b"), single("c")],
    },
  ])("are counted, and tried again $name", async ({ errors, status, posts: expected }) => {
    const calls = serveBatch(errors, status);
    useStudio.setState({ tasks: [task] });
    renderPage(<TimelineFooter project={failing} />);
    expect(screen.getByText("2 failed")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Retry failed" }));
    await vi.waitFor(() => expect(posts(calls)).toEqual(expected));
  });

  test("of no batch are tried again one by one", async () => {
    const calls = serveProject(failing);
    renderPage(<TimelineFooter project={failing} />);
    await userEvent.click(screen.getByRole("button", { name: "Retry failed" }));
    await vi.waitFor(() => expect(posts(calls)).toEqual([single("b"), single("c")]));
  });
});

describe("hearing all", () => {
  test("is not possible without audio, and says so", async () => {
    const playAll = vi.spyOn(player, "playAll").mockReturnValue();
    renderPage(<TimelineFooter project={silent} />);
    const button = screen.getByRole("button", { name: "Play all" });
    expect(button).toHaveAttribute("aria-disabled", "true");
    await userEvent.hover(button);
    expect(await screen.findByRole("tooltip")).toHaveTextContent("Nothing to play yet");
    await userEvent.click(button);
    expect(playAll).not.toHaveBeenCalled();
  });

  test("begins at the current card", async () => {
    const playAll = vi.spyOn(player, "playAll").mockReturnValue();
    usePlace.setState({ currentId: "b" });
    renderPage(<TimelineFooter project={spoken} />);
    await userEvent.click(screen.getByRole("button", { name: "Play all" }));
    expect(playAll).toHaveBeenCalledWith(spoken.segments, "b");
  });

  test("goes on where it was paused, wherever one looks meanwhile", async () => {
    const playAll = vi.spyOn(player, "playAll").mockReturnValue();
    usePlayer.setState({ segmentId: "c", status: "paused", isPlayingAll: true });
    usePlace.setState({ currentId: "a" });
    renderPage(<TimelineFooter project={spoken} />);
    await userEvent.click(screen.getByRole("button", { name: "Play all" }));
    expect(playAll).toHaveBeenCalledWith(spoken.segments, "c");
  });

  test.each([
    { name: "from the first again", current: null, from: undefined },
    { name: "from the first again when the place went along", current: "c", from: undefined },
    { name: "from the card chosen since", current: "b", from: "b" },
  ])("plays, once it came to the end, $name", async ({ current, from }) => {
    const playAll = vi.spyOn(player, "playAll").mockReturnValue();
    usePlayer.setState({ segmentId: "c", status: "paused", time: 5.2, duration: 5.2 });
    usePlace.setState({ currentId: current });
    renderPage(<TimelineFooter project={spoken} />);
    await userEvent.click(screen.getByRole("button", { name: "Play all" }));
    expect(playAll).toHaveBeenCalledWith(spoken.segments, from);
  });

  test("shows which one plays, and stops when one leaves", () => {
    usePlayer.setState({ segmentId: "b", status: "playing", isPlayingAll: true });
    const stop = vi.spyOn(player, "stop").mockReturnValue();
    const { unmount } = renderPage(<TimelineFooter project={spoken} />);
    expect(screen.getByText("2 / 3")).toBeVisible();
    expect(screen.getByRole("button", { name: "Pause" })).toBeVisible();
    expect(stop).not.toHaveBeenCalled();
    unmount();
    expect(stop).toHaveBeenCalled();
  });

  test.each([
    { key: " ", code: "Space", shiftKey: true, action: "playAll" },
    { key: ",", code: "Comma", action: "previous" },
    { key: ".", code: "Period", action: "next" },
    { key: "[", code: "BracketLeft", action: "seek" },
    { key: "]", code: "BracketRight", action: "seek" },
  ] as const)("has the key $key", ({ action, ...key }) => {
    const act = vi.spyOn(player, action).mockReturnValue();
    renderPage(<TimelineFooter project={spoken} />);
    if ("shiftKey" in key)
      fireEvent.keyDown(document.body, { key: "Shift", code: "ShiftLeft", shiftKey: true });
    fireEvent.keyDown(document.body, key);
    expect(act).toHaveBeenCalledOnce();
    fireEvent.keyUp(document.body, key);
  });
});

test("Export Video is shown, not to be used yet", async () => {
  renderPage(<TimelineFooter project={silent} />);
  const button = screen.getByRole("button", { name: "Export Video" });
  expect(button).toHaveAttribute("aria-disabled", "true");
  await userEvent.hover(button);
  expect(await screen.findByRole("tooltip")).toHaveTextContent("Coming in a later version");
});
