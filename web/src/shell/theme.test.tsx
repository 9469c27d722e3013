import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { renderPage } from "../../tests/page";
import { followTheme, schemeNow, useTheme } from "./theme";
import { ThemeMenu } from "./theme-menu";

const listeners = new Set<() => void>();
let isSystemDark = false;
let stop: (() => void) | undefined;

function setSystem(isDark: boolean) {
  isSystemDark = isDark;
  for (const listener of listeners) listener();
}

const root = document.documentElement;
const original = globalThis.matchMedia;

beforeEach(() => {
  isSystemDark = false;
  listeners.clear();
  globalThis.matchMedia = (media: string) =>
    ({
      media,
      matches: isSystemDark,
      addEventListener: (_type: string, listener: () => void) => listeners.add(listener),
      removeEventListener: (_type: string, listener: () => void) => listeners.delete(listener),
    }) as unknown as MediaQueryList;
  useTheme.setState({ theme: "system" });
});

afterEach(() => {
  stop?.();
  globalThis.matchMedia = original;
});

test("the document follows the system, as it is and as it becomes", () => {
  isSystemDark = true;
  stop = followTheme();
  expect(root).toHaveClass("dark");
  setSystem(false);
  expect(root).toHaveClass("light");
  expect(root).not.toHaveClass("dark");
});

test("a choice holds against the system, and is remembered", () => {
  stop = followTheme();
  useTheme.setState({ theme: "light" });
  setSystem(true);
  expect(root).toHaveClass("light");
  expect(localStorage.getItem("parlando.theme")).toContain("light");
});

test("nothing is followed any more after the end", () => {
  followTheme()();
  useTheme.setState({ theme: "dark" });
  expect(root).toHaveClass("light");
  expect(listeners.size).toBe(0);
});

test.each(["purple", "", 7, null])("a remembered %j is as if nothing was chosen", async (theme) => {
  localStorage.setItem("parlando.theme", JSON.stringify({ state: { theme }, version: 0 }));
  await useTheme.persist.rehydrate();
  expect(useTheme.getState().theme).toBe("system");
});

test("what was remembered is there again", async () => {
  localStorage.setItem("parlando.theme", JSON.stringify({ state: { theme: "dark" }, version: 0 }));
  await useTheme.persist.rehydrate();
  expect(schemeNow()).toBe("dark");
});

test("the menu offers three, the present one checked", async () => {
  renderPage(<ThemeMenu />);
  await userEvent.click(screen.getByRole("button", { name: "Theme" }));
  expect(screen.getByRole("menuitemradio", { name: "As the system" })).toBeChecked();
  await userEvent.click(screen.getByRole("menuitemradio", { name: "Dark" }));
  expect(useTheme.getState().theme).toBe("dark");
});

test("t switches between light and dark, once however long it is held", async () => {
  renderPage(<ThemeMenu />);
  await userEvent.keyboard("{t>5/}");
  expect(schemeNow()).toBe("dark");
  await userEvent.keyboard("t");
  expect(schemeNow()).toBe("light");
});
