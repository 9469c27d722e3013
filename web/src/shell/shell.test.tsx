import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Link, Route, Routes } from "react-router";
import { beforeEach, expect, test, vi } from "vitest";
import { renderPage, serve } from "../../tests/page";
import { useStudio } from "@/api/events";
import { NotFound } from "./not-found";
import { Shell } from "./shell";

function Broken(): never {
  throw new Error("the waveform has no samples");
}

function renderShell(path: string) {
  renderPage(
    <Routes>
      <Route element={<Shell />}>
        <Route path="narrate" element={<h1>Projects</h1>} />
        <Route path="narrate/:projectId" element={<Link to="/narrate/2/broken">Break</Link>} />
        <Route path="narrate/:projectId/broken" element={<Broken />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>,
    { path },
  );
}

beforeEach(() => {
  useStudio.setState(useStudio.getInitialState(), true);
  serve(() => undefined);
});

test("the page has its landmarks, and the tab one is on is marked", () => {
  renderShell("/narrate/1");
  expect(screen.getByRole("banner")).toBeVisible();
  expect(screen.getByRole("main")).toBeVisible();
  const tabs = screen.getByRole("navigation", { name: "Main" });
  expect(tabs).toBeVisible();
  expect(screen.getByRole("link", { name: "Narrate" })).toHaveAttribute("aria-current", "page");
});

test("the first stop of Tab leads past the header", async () => {
  renderShell("/narrate");
  await userEvent.tab();
  expect(screen.getByRole("link", { name: "Skip to the content" })).toHaveFocus();
  await userEvent.keyboard("{Enter}");
  expect(screen.getByRole("main")).toHaveFocus();
});

test("an address that leads nowhere says so, and leads on", async () => {
  renderShell("/nowhere");
  expect(screen.getByRole("heading", { level: 1, name: "Nothing here" })).toBeVisible();
  expect(document.title).toBe("Nothing here · Parlando");
  await userEvent.click(screen.getByRole("link", { name: "Go to Narrate" }));
  expect(screen.getByRole("heading", { name: "Projects" })).toHaveFocus();
});

test("a page that breaks says what happened, and leaves the shell to go elsewhere", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  renderShell("/narrate/1");
  await userEvent.click(screen.getByRole("link", { name: "Break" }));
  expect(screen.getByRole("heading", { name: "This page has stopped working" })).toHaveFocus();
  expect(screen.getByText("the waveform has no samples")).toBeVisible();
  expect(screen.getByRole("button", { name: "Reload" })).toBeVisible();
  await userEvent.click(screen.getByRole("link", { name: "Narrate" }));
  expect(screen.getByRole("heading", { name: "Projects" })).toBeVisible();
});
