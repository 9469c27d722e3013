/** What WCAG 2.1 AA asks for and a machine can check, on each screen and dialog, light and dark. */
import type { Page } from "@playwright/test";
import { expectAccessible } from "./axe";
import { ENDLESS, SHORT, STORY_FILE, UNSPEAKABLE } from "./stories";
import { expect, type Studio, test } from "./studio";
import { card, choose, expectReady, openTimeline } from "./timeline";

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

/** Segments in each of the states that stay. */
async function openTimelineOfAll(page: Page, studio: Studio): Promise<void> {
  studio.server.expect(/\[jobs\] The unit for .* failed: There is nothing to speak/);
  const { id, segments } = await studio.story(["Ready.", "Stale.", "Failed.", "Locked.", "Silent."]);
  const change = (index: number, patch: Parameters<Studio["patch"]>[1]) =>
    studio.patch(segments[index]?.id ?? "", patch);
  await change(2, { text_content: UNSPEAKABLE });
  await change(3, { is_locked: true });
  await studio.narrate(id);
  await change(1, { text_content: "Changed." });
  await change(4, { text_content: "" });
  await page.setViewportSize({ width: 1280, height: 2000 });
  await openTimeline(page, id);
  await expectReady(page, 1);
  await expect(card(page, 2)).toContainText("Outdated");
  await expect(card(page, 3)).toContainText("Failed");
  await expect(card(page, 4)).toContainText("Locked");
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
  "an empty project": async (page, studio) => {
    const { id } = await studio.call<{ id: string }>("POST", "/api/projects/", { title: "New" });
    await openTimeline(page, id);
    await expect(page.getByRole("button", { name: "Write the first segment" })).toBeVisible();
  },
  "the timeline": openTimelineOfAll,
  "a segment's menu": async (page, studio) => {
    await openTimelineOfAll(page, studio);
    await page.getByRole("button", { name: "More about segment 1" }).click();
    await expect(page.getByRole("menu")).toBeVisible();
  },
  "moving a segment": async (page, studio) => {
    await openTimelineOfAll(page, studio);
    await choose(page, 1, "Move to position…");
    await expect(page.getByRole("dialog", { name: "Move segment 1" })).toBeVisible();
  },
  "the voices": async (page, studio) => {
    await openTimelineOfAll(page, studio);
    await page.getByRole("button", { name: /^Voice: / }).click();
    await page.getByRole("combobox", { name: "Search voices" }).fill("french"); // axe takes long over all 130
    await expect(page.getByRole("gridcell").first()).toBeVisible();
  },
  "a story that is being spoken": async (page, studio) => {
    const { id } = await studio.story([...SHORT, ENDLESS]);
    await studio.begin(id);
    await openTimeline(page, id);
    await expect(page.getByText("Generating audio... 3/4")).toBeVisible();
    await page.getByRole("button", { name: "Play all" }).click();
    await expect(page.getByRole("button", { name: "Stop" })).toBeVisible();
  },
  "a message with something to undo": async (page, studio) => {
    await openTimelineOfAll(page, studio);
    await choose(page, 1, "Delete segment");
    await expect(page.getByRole("button", { name: "Undo" })).toBeVisible();
  },
  "the key": async (page) => {
    await page.route("**/api/**", (route) =>
      route.fulfill({ status: 401, json: { detail: "A key is needed." } }),
    );
    await page.goto("/narrate");
    await expect(page.getByRole("dialog", { name: "Key needed" })).toBeVisible();
  },
};

for (const [name, scene] of Object.entries(SCENES))
  test(`axe finds nothing wrong with ${name}`, async ({ page, studio, problems }) => {
    problems.allow(/^answer: \w+ \/api\/\S+ 401$/);
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await scene(page, studio);
    await expectAccessible(page, "in light");
    await page.emulateMedia({ colorScheme: "dark" });
    await expect(page.locator("html")).toHaveClass(/dark/);
    await expectAccessible(page, "in dark");
  });
