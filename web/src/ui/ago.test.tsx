import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import "@/strings/strings";
import { Ago, ago } from "./ago";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [-MINUTE, "just now"],
  [59_000, "just now"],
  [MINUTE, "1 minute ago"],
  [59 * MINUTE, "59 minutes ago"],
  [HOUR, "1 hour ago"],
  [DAY, "yesterday"],
  [6 * DAY, "6 days ago"],
  [7 * DAY, "last week"],
  [60 * DAY, "last month"],
  [800 * DAY, "2 years ago"],
])("%i ms are told as %s", (passed, text) => {
  expect(ago(0, passed, "en")).toBe(text);
});

test("the moment itself is the tip", () => {
  render(<Ago at="2024-03-01T12:00:00Z" />);
  const time = screen.getByText(/ago|last year/);
  expect(time).toHaveAttribute("datetime", "2024-03-01T12:00:00Z");
  expect(time.title).toContain("March 1, 2024");
});
