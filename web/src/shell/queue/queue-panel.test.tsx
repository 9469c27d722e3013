import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { type Call, renderPage, serve } from "../../../tests/page";
import { makeEndedTask, makeTask } from "../../../tests/task";
import type { TaskSummary } from "@/api/client";
import { useStudio } from "@/api/events";
import { usePanels } from "../panels";
import { QueueButton } from "./queue-button";
import { QueuePanel } from "./queue-panel";

const PROJECTS = { count: 1, results: [{ id: "project-1", title: "The Clockmaker", revision: 3 }] };
const UNLISTED = {
  id: "project-2",
  title: "Further down",
  segments: [{ id: "segment-8" }, { id: "segment-9" }],
};
const ERRORS = {
  ...makeEndedTask(),
  completed_segments: [],
  errors: [
    { segment_id: "segment-9", error: "The text has nothing to speak." },
    { segment_id: "segment-gone", error: "The disk is full." },
    { segment_id: null, error: "The voice is missing." },
  ],
};

function answer({ method, path }: Call) {
  if (path === "/api/projects/") return { body: PROJECTS };
  if (path === "/api/projects/project-2/") return { body: UNLISTED };
  if (path.endsWith("/status/")) return { body: ERRORS };
  return method === "POST" && path.startsWith("/api/tasks/") ? { body: ERRORS } : undefined;
}

function showQueue(...tasks: TaskSummary[]) {
  useStudio.setState({ tasks, isKnown: true, queueError: null });
  usePanels.setState({ open: "queue" });
  return renderPage(<QueuePanel />);
}

beforeEach(() => {
  useStudio.setState(useStudio.getInitialState(), true);
  usePanels.setState({ open: null });
});

test("an empty queue says so, one that is not known yet does not", () => {
  serve(answer);
  usePanels.setState({ open: "queue" });
  renderPage(<QueuePanel />);
  expect(screen.getByText("Loading…")).toBeInTheDocument();
  act(() => useStudio.setState({ isKnown: true }));
  expect(screen.getByText("Nothing to do")).toBeVisible();
});

test("a task at work tells its project, how far it is, and how long it takes", async () => {
  serve(answer);
  showQueue(makeTask({ eta_s: 130 }));
  const row = await screen.findByRole("article", { name: "The Clockmaker" });
  expect(within(row).getByText("Speaking")).toBeVisible();
  expect(within(row).getByText("4 of 12 segments (33%)")).toBeVisible();
  expect(within(row).getByText("About 2 minutes left")).toBeVisible();
  expect(within(row).getByText(/^Started /)).toBeVisible();
  const bar = within(row).getByRole("progressbar", { name: "4 of 12 segments (33%)" });
  expect(bar).toHaveAttribute("aria-valuenow", "4");
  expect(bar).toHaveAttribute("aria-valuemax", "12");
  expect(within(row).getByRole("link")).toHaveAttribute("href", "/narrate/project-1");
});

test("it follows the event stream", async () => {
  serve(answer);
  showQueue(makeTask());
  await screen.findByText("4 of 12 segments (33%)");
  act(() => useStudio.setState({ tasks: [makeTask({ progress: { completed: 9 } })] }));
  expect(screen.getByText("9 of 12 segments (75%)")).toBeVisible();
  act(() => useStudio.setState({ tasks: [] }));
  expect(screen.getByText("Nothing to do")).toBeVisible();
});

test.each([
  ["waiting", makeTask({ status: "PENDING", started_at: null }), "Waiting", ["Pause", "Cancel"]],
  ["running", makeTask(), "Speaking", ["Pause", "Cancel"]],
  ["paused", makeTask({ paused: true }), "Paused", ["Resume", "Cancel"]],
  ["done", makeEndedTask(), "Done", []],
  ["cancelled", makeEndedTask({ cancelled: true }), "Cancelled", []],
  [
    "partly failed",
    makeEndedTask({ progress: { failed: 2 } }),
    "Incomplete",
    ["Retry 2 failed segments", "2 errors"],
  ],
  [
    "failed",
    makeEndedTask({ status: "FAILED", progress: { total: 1, completed: 1, failed: 1 } }),
    "Failed",
    ["Retry the failed segment", "1 error"],
  ],
])("a task that is %s says it, and offers what can be done", async (_case, task, words, actions) => {
  serve(answer);
  showQueue(task);
  const row = await screen.findByRole("article", { name: "The Clockmaker" });
  expect(within(row).getByText(words)).toBeVisible();
  expect(
    within(row)
      .queryAllByRole("button")
      .map((button) => button.textContent),
  ).toEqual(actions);
});

test.each([
  ["Pause", makeTask(), "pause"],
  ["Resume", makeTask({ paused: true }), "resume"],
  ["Cancel", makeTask(), "cancel"],
  ["Retry 2 failed segments", makeEndedTask({ progress: { failed: 2 } }), "retry"],
])("%s asks the server for it", async (name, task, action) => {
  const calls = serve(answer);
  showQueue(task);
  await userEvent.click(screen.getByRole("button", { name }));
  await waitFor(() =>
    expect(calls.filter(({ method }) => method === "POST").map(({ path }) => path)).toEqual([
      `/api/tasks/${task.task_id}/${action}/`,
    ]),
  );
});

test("errors are asked for when somebody wants them, each with the segment it is about", async () => {
  const calls = serve(answer);
  showQueue(makeEndedTask({ project_id: "project-2", progress: { failed: 3 } }));
  await screen.findByRole("article", { name: "Further down" });
  expect(calls.some(({ path }) => path.endsWith("/status/"))).toBe(false);

  const disclosure = screen.getByRole("button", { name: "3 errors" });
  expect(disclosure).toHaveAttribute("aria-expanded", "false");
  await userEvent.click(disclosure);
  expect(disclosure).toHaveAttribute("aria-expanded", "true");
  expect(await screen.findByText("The disk is full.")).toBeVisible();
  expect(screen.getByText("The voice is missing.")).toBeVisible();
  const link = screen.getByRole("link", { name: "Segment 2:" });
  expect(link).toHaveAttribute("href", "/narrate/project-2?segment=segment-9");
  await userEvent.click(link);
  expect(usePanels.getState().open).toBeNull();
});

test("tasks of a project that is gone say that", async () => {
  serve(answer);
  showQueue(
    makeEndedTask({ project_id: null }),
    makeEndedTask({ task_id: "other", project_id: "project-9" }),
  );
  await waitFor(() => expect(screen.getAllByRole("article", { name: "Deleted project" })).toHaveLength(2));
});

test("what is under way is in the order in which it is done", async () => {
  serve(answer);
  showQueue(
    makeTask({ task_id: "later", status: "PENDING", started_at: null }),
    makeTask({ task_id: "sooner" }),
  );
  await screen.findAllByRole("article", { name: "The Clockmaker" });
  const [first, second] = screen.getAllByRole("article");
  expect(first).toHaveTextContent("Speaking");
  expect(second).toHaveTextContent("Waiting");
});

test("failures are counted apart from what was spoken", () => {
  serve(answer);
  showQueue(makeEndedTask({ progress: { failed: 2 } }));
  expect(screen.getByText("10 of 12 segments, 2 failed")).toBeVisible();
});

test("what ended is apart from what is under way", () => {
  serve(answer);
  showQueue(makeTask(), makeEndedTask({ task_id: "ended" }));
  const names = screen
    .getAllByRole("region")
    .map((group) => [
      within(group).getByRole("heading", { level: 3 }).textContent,
      within(group).getAllByRole("article").length,
    ]);
  expect(names).toEqual([
    ["Under way", 1],
    ["Lately", 1],
  ]);
});

test("a queue that stands still says why", () => {
  serve(answer);
  showQueue(makeTask());
  act(() => useStudio.setState({ queueError: "The disk is full." }));
  expect(screen.getByRole("status")).toHaveTextContent("Nothing goes on at present: The disk is full.");
});

test("the button counts what has not ended, and opens the panel", async () => {
  serve(answer);
  useStudio.setState({ isKnown: true, tasks: [makeTask(), makeTask({ task_id: "b" }), makeEndedTask()] });
  renderPage(
    <>
      <QueueButton />
      <QueuePanel />
    </>,
  );
  const button = screen.getByRole("button", { name: "Queue, 2 tasks under way" });
  expect(button).toHaveTextContent("2");
  await userEvent.click(button);
  expect(screen.getByRole("dialog", { name: "Queue" })).toHaveFocus();
  await userEvent.keyboard("{Escape}");
  expect(button).toHaveFocus();
  await userEvent.keyboard("q");
  expect(screen.getByRole("dialog", { name: "Queue" })).toBeVisible();
});
