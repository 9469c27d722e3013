import { SHORT } from "./stories";
import { expect, test } from "./studio";
import { card, choose, expectReady, openTimeline, textOf } from "./timeline";

test("a deleted segment comes back when it is undone", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT);
  await studio.narrate(id);
  await openTimeline(page, id);
  await choose(page, 2, "Delete segment");
  await expect(card(page, 3)).toBeHidden();
  await expect(textOf(page, 2)).toHaveValue(SHORT[2] ?? "");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(textOf(page, 2)).toHaveValue(SHORT[1] ?? "");
  await expectReady(page, 1, 2, 3);
  await page.reload();
  await expect(card(page, 3)).toBeVisible();
  expect(await studio.project(id)).toMatchObject({ segment_count: 3, audio_count: 3 });
});

test("a deleted segment is gone when nobody undoes it", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT);
  await page.clock.install();
  await openTimeline(page, id);
  await card(page, 1).focus();
  await page.keyboard.press("Delete");
  await expect(page.getByText("Segment 1 deleted.")).toBeVisible();
  expect((await studio.project(id)).segment_count, "there is time to undo").toBe(3);
  await page.clock.fastForward("00:10");
  await expect.poll(async () => (await studio.project(id)).segment_count).toBe(2);
  await expect(textOf(page, 1)).toHaveValue(SHORT[1] ?? "");
});

test("leaving the page means it: what was deleted is", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT);
  await openTimeline(page, id);
  await choose(page, 3, "Delete segment");
  await expect(card(page, 3)).toBeHidden();
  await page.reload();
  await expect.poll(async () => (await studio.project(id)).segment_count).toBe(2);
});

test("a project is deleted from its own page", async ({ page, studio, problems }) => {
  const { id } = await studio.story(SHORT, "Gone");
  problems.allow(new RegExp(`^answer: GET /api/projects/${id}/ 404$`)); // the page hears of it, and looks
  await studio.narrate(id);
  await openTimeline(page, id);
  await page.getByRole("button", { name: "More about this project" }).click();
  await page.getByRole("menuitem", { name: "Delete project" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete project" }).click();
  await expect(page).toHaveURL(/\/narrate$/);
  await expect(page.getByRole("heading", { name: "Give your story a voice" })).toBeVisible();
  expect(await studio.call("GET", "/api/projects/")).toEqual([]);
});
