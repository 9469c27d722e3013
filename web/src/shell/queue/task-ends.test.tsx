import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { toast } from "sonner";
import { afterEach, beforeEach, expect, test } from "vitest";
import { renderPage, serve } from "../../../tests/page";
import { makeEndedTask, makeTask } from "../../../tests/task";
import type { TaskSummary } from "@/api/client";
import { useStudio } from "@/api/events";
import { usePanels } from "../panels";
import { Toaster } from "../toaster";
import { useTaskEnds } from "./task-ends";

function Page() {
  useTaskEnds();
  return <Toaster />;
}

function tell(...tasks: TaskSummary[]) {
  act(() => useStudio.setState({ tasks, isKnown: true }));
}

const toasts = () => screen.queryAllByRole("listitem").map((item) => item.textContent);

beforeEach(() => {
  useStudio.setState(useStudio.getInitialState(), true);
  usePanels.setState({ open: null });
  serve(({ path }) =>
    path === "/api/projects/project-1/" ? { body: { id: "project-1", title: "The Clockmaker" } } : undefined,
  );
});

afterEach(() => {
  history.replaceState(null, "", "/");
  act(() => void toast.dismiss());
});

test.each([
  [makeEndedTask(), "“The Clockmaker”: 12 segments are ready."],
  [makeEndedTask({ progress: { failed: 2 } }), "“The Clockmaker”: 2 of 12 segments could not be spoken."],
  [
    makeEndedTask({ cancelled: true, progress: { completed: 4 } }),
    "“The Clockmaker”: cancelled after 4 of 12 segments.",
  ],
  [
    makeEndedTask({ status: "FAILED", progress: { total: 1, completed: 1, failed: 1 } }),
    "“The Clockmaker”: the segment could not be spoken.",
  ],
  [
    makeEndedTask({ project_id: "project-9", progress: { total: 1, completed: 1 } }),
    "“Deleted project”: the segment is ready.",
  ],
])("the end of a task is told, once (%#)", async (ended, words) => {
  renderPage(<Page />);
  tell(makeTask());
  tell(ended);
  expect(await screen.findByText(words)).toBeVisible();
  tell({ ...ended });
  expect(toasts()).toHaveLength(1);
});

test("what had ended before is not told", async () => {
  renderPage(<Page />);
  tell(makeEndedTask({ task_id: "before" }));
  tell(makeEndedTask({ task_id: "before" }), makeEndedTask({ task_id: "quick", cancelled: true }));
  await screen.findByText(/cancelled/);
  expect(toasts()).toHaveLength(1);
});

test("a task that was retried is told again", async () => {
  renderPage(<Page />);
  tell(makeEndedTask({ progress: { failed: 1 } }));
  tell(makeTask({ progress: { completed: 11 } }));
  tell(makeEndedTask());
  expect(await screen.findByText(/: 12 segments are ready/)).toBeVisible();
});

test("failures lead to the queue", async () => {
  renderPage(<Page />);
  tell(makeTask());
  tell(makeEndedTask({ progress: { failed: 2 } }));
  await userEvent.click(await screen.findByRole("button", { name: "Show" }));
  expect(usePanels.getState().open).toBe("queue");
});

test("one segment that went well is told by its card where that is shown", async () => {
  history.replaceState(null, "", "/narrate/project-1");
  renderPage(<Page />);
  const single = { total: 1, completed: 1 };
  tell(makeTask({ task_id: "one" }), makeTask({ task_id: "batch" }));
  tell(makeEndedTask({ task_id: "one", progress: single }), makeEndedTask({ task_id: "batch" }));
  await screen.findByText(/: 12 segments/);
  await waitFor(() => expect(toasts()).toHaveLength(1));
});
