import { act, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { TaskSummary } from "@/api/client";
import { useStudio } from "@/api/events";
import { makeTask } from "../../../tests/task";
import { project, show } from "./fake-server";
import { ProjectCard } from "./project-card";
import { progressOf } from "./project-progress";

const task = (completed: number, total: number, fields: Partial<TaskSummary> = {}) =>
  makeTask({ project_id: "fog", ...fields, progress: { completed, total } });

beforeEach(() => useStudio.setState({ tasks: [] }));

const showCard = (fields: Parameters<typeof project>[1]) =>
  show(<ProjectCard project={project("Fog", fields)} onAction={() => undefined} />);

test("a card is a link to the project and tells how far it is", () => {
  showCard({ author: "Ada", segment_count: 1012, audio_count: 4, stale_count: 1, duration: 65.6 });
  expect(screen.getByRole("link", { name: "Fog" })).toHaveAttribute("href", "/narrate/fog");
  expect(screen.getByText("Ada")).toBeVisible();
  expect(screen.getByText("1,012 segments").parentElement).toHaveTextContent(
    "1,012 segments · 4 with audio · 1 outdated",
  );
  expect(screen.getByText("1:06")).toBeVisible();
});

test.each([
  ["DRAFT", "Draft"],
  ["PROCESSING", "Processing"],
  ["COMPLETED", "Completed"],
  ["FAILED", "Failed"],
] as const)("the status %s is told in words", (status, word) => {
  showCard({ status });
  expect(screen.getByText(word)).toBeVisible();
});

test("without segments nothing is said of audio", () => {
  showCard({});
  expect(screen.getByText("No segments yet")).toBeVisible();
  expect(screen.queryByText(/audio/)).not.toBeInTheDocument();
});

test("the progress follows the events", () => {
  useStudio.setState({ tasks: [task(3, 12)] });
  showCard({ status: "PROCESSING", segment_count: 12 });
  expect(screen.getByRole("progressbar", { name: "Speaking: 3 of 12 done" })).toBeVisible();
  act(() => useStudio.setState({ tasks: [task(4, 12, { paused: true })] }));
  expect(screen.getByRole("progressbar", { name: "Paused after 4 of 12" })).toBeVisible();
});

test("what only waits is not said to be spoken", () => {
  useStudio.setState({ tasks: [task(0, 2, { status: "PENDING" })] });
  showCard({ status: "PROCESSING", segment_count: 2 });
  expect(screen.getByRole("progressbar", { name: "Waiting to be spoken" })).toBeVisible();
  act(() => useStudio.setState({ tasks: [task(0, 2, { paused: true })] }));
  expect(screen.getByRole("progressbar", { name: "Paused" })).toBeVisible();
  act(() => useStudio.setState({ tasks: [task(0, 2)] }));
  expect(screen.getByRole("progressbar", { name: "Speaking: 0 of 2 done" })).toBeVisible();
});

test("tasks of a project are added up; others and ended ones are not", () => {
  const tasks = [
    task(3, 12),
    task(0, 1, { paused: true }),
    task(5, 5, { status: "COMPLETED" }),
    task(7, 9, { project_id: "sea" }),
  ];
  expect(progressOf(tasks, "fog")).toEqual({ completed: 3, total: 13, stage: "speaking" });
});
