/** Each screen on a narrow phone: nothing sticks out sideways, everything can be reached. */
import { expectNoSidewaysScrolling } from "./narrow";
import { SHORT, STORY_FILE } from "./stories";
import { expect, test } from "./studio";
import { card, expectReady, openTimeline } from "./timeline";

test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

test("the dashboards fit", async ({ page, studio }) => {
  await page.goto("/narrate");
  await expect(page.getByRole("heading", { name: "Give your story a voice" })).toBeVisible();
  await expectNoSidewaysScrolling(page);
  await studio.story(SHORT, "A title that is quite a bit longer than a narrow phone is wide, by any measure");
  await studio.story(SHORT, "Averyverylongwordthathasnoplacetobreakandgoesonandonandonandon");
  await page.reload();
  await expect(page.getByRole("article")).toHaveCount(2);
  await expectNoSidewaysScrolling(page);
});

test("the import fits and works", async ({ page }) => {
  await page.goto("/narrate");
  await page.getByRole("button", { name: /^Import a story/ }).tap();
  await expectNoSidewaysScrolling(page);
  await page.getByLabel("Or paste the text").fill(STORY_FILE);
  await page.getByRole("button", { name: "Preview" }).tap();
  await expect(page.getByRole("region", { name: "Segments" })).toBeVisible();
  await expectNoSidewaysScrolling(page);
  await page.getByRole("button", { name: "Make project" }).tap();
  await expect(card(page, 1)).toBeVisible();
});

test("the timeline fits, speaks and plays", async ({ page, studio }) => {
  const { id } = await studio.story([
    ...SHORT,
    "Averyverylongwordthathasnoplacetobreakandgoesonandonandonandon",
  ]);
  await openTimeline(page, id);
  await expectNoSidewaysScrolling(page);
  await page.getByRole("button", { name: "Generate All Audio" }).tap();
  await expectReady(page, 1);
  await expect(page.getByText("All audio is up to date")).toBeVisible();
  await expectNoSidewaysScrolling(page);
  await card(page, 1).getByRole("button", { name: "Play" }).tap();
  await expect(card(page, 1).getByRole("button", { name: "Pause" })).toBeVisible();
  await page.getByRole("button", { name: /^Voice: / }).tap();
  await expect(page.getByRole("dialog", { name: "Voice and speed" })).toBeVisible();
  await expectNoSidewaysScrolling(page);
});

test("the queue and the menus fit", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT, "Averyverylongwordthathasnoplacetobreakandgoesonandonandonandon");
  await studio.narrate(id);
  await openTimeline(page, id);
  await page.getByRole("button", { name: "Queue" }).tap();
  await expect(page.getByRole("dialog", { name: "Queue" })).toContainText("Done");
  await expectNoSidewaysScrolling(page);
  await page.getByRole("button", { name: "Close" }).tap();
  await page.getByRole("button", { name: "More about segment 1" }).tap();
  await expect(page.getByRole("menu")).toBeVisible();
  await expectNoSidewaysScrolling(page);
});
