import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { useStudio } from "@/api/events";
import { renderPage } from "../../../tests/page";
import { makeSegment, makeSpokenSegment } from "../../../tests/segment";
import { makeTask } from "../../../tests/task";
import { StatusBadge } from "./status-badge";

const cases = [
  { segment: makeSegment(), text: "No Audio" },
  { segment: makeSegment({ id: "segment-9", task_id: "batch" }), text: "Waiting" },
  { segment: makeSegment({ task_id: "batch" }), text: "Generating..." },
  { segment: makeSpokenSegment(), text: "Ready (5.2s)" },
  { segment: makeSpokenSegment({ audio_stale: true }), text: "Outdated" },
  { segment: makeSegment({ audio_error: "No voice." }), text: "Failed" },
];

test.each(cases)("the badge says $text, with a picture", ({ segment, text }) => {
  useStudio.setState({
    tasks: [makeTask({ task_id: "batch", progress: { current_segment_id: "segment-1" } })],
  });
  renderPage(<StatusBadge segment={segment} />);
  const badge = screen.getByText(text);
  expect(badge.querySelector("svg")).not.toBeNull();
});

test("a failure tells its reason, by keyboard too", async () => {
  renderPage(<StatusBadge segment={makeSegment({ audio_error: "The disk is full." })} />);
  await userEvent.tab();
  expect(await screen.findByRole("tooltip")).toHaveTextContent("The disk is full.");
});
