/** What WCAG 2.1 AA asks for and a machine can check, on each screen and dialog, light and dark. */
import type { Page } from "@playwright/test";
import { expectAccessible } from "./axe";
import { SHORT, STORY_FILE } from "./stories";
import { expect, type Studio, test } from "./studio";

/** Brings a screen about. */
type Scene = (page: Page, studio: Studio) => Promise<void>;

async function openDashboard(page: Page, studio: Studio): Promise<void> {
  const { id } = await studio.story(SHORT, "Bells");
  await studio.narrate(id);
  await studio.story(SHORT, "Not spoken yet");
  await page.goto("/narrate");
  await expect(page.getByRole("article")).toHaveCount(2);
}

async function openImport(page: Page): Promise<void> {
  await page.goto("/narrate");
  await page.getByRole("button", { name: /^Import a story/ }).click();
  await expect(page.getByRole("dialog").getByLabel("Or paste the text")).toBeVisible();
}

const SCENES: Record<string, Scene> = {
  "the empty dashboard": async (page) => {
    await page.goto("/narrate");
    await expect(page.getByRole("heading", { name: "Give your story a voice" })).toBeVisible();
  },
  "the dashboard": openDashboard,
  "a project's menu": async (page, studio) => {
    await openDashboard(page, studio);
    await page.getByRole("button", { name: "Rename or delete “Bells”" }).click();
    await expect(page.getByRole("menu")).toBeVisible();
  },
  "deleting a project": async (page, studio) => {
    await openDashboard(page, studio);
    await page.getByRole("button", { name: "Rename or delete “Bells”" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await expect(page.getByRole("alertdialog")).toBeVisible();
  },
  "a new project": async (page) => {
    await page.goto("/narrate");
    await page.getByRole("button", { name: /^Start empty/ }).click();
    await expect(page.getByRole("dialog", { name: "New project" })).toBeVisible();
  },
  "choosing a story": openImport,
  "a story's preview": async (page) => {
    await openImport(page);
    await page.getByLabel("Or paste the text").fill(STORY_FILE);
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.getByRole("region", { name: "Segments" })).toBeVisible();
  },
  "the queue": async (page, studio) => {
    await openDashboard(page, studio);
    await page.getByRole("button", { name: "Queue" }).click();
    await expect(page.getByRole("dialog", { name: "Queue" }).getByText("Done")).toBeVisible();
  },
  "the shortcuts": async (page, studio) => {
    await openDashboard(page, studio);
    await page.keyboard.press("Shift+?");
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  },
  "the theme menu": async (page) => {
    await page.goto("/narrate");
    await page.getByRole("button", { name: "Theme" }).click();
    await expect(page.getByRole("menu")).toBeVisible();
  },
};

for (const [name, scene] of Object.entries(SCENES))
  test(`axe finds nothing wrong with ${name}`, async ({ page, studio }) => {
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await scene(page, studio);
    await expectAccessible(page, "in light");
    await page.emulateMedia({ colorScheme: "dark" });
    await expect(page.locator("html")).toHaveClass(/dark/);
    await expectAccessible(page, "in dark");
  });
