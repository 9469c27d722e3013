/** One studio, several windows: each shows what the others do. */
import { SHORT } from "./stories";
import { expect, test } from "./studio";
import { card, expectReady, openTimeline, textOf } from "./timeline";

test("two tabs of a project see each other's changes", async ({ page, context, studio }) => {
  const { id } = await studio.story(SHORT);
  const other = await context.newPage();
  await openTimeline(page, id);
  await openTimeline(other, id);

  await textOf(page, 1).fill("Written in the first tab.");
  await expect(textOf(other, 1)).toHaveValue("Written in the first tab.");
  await card(other, 2).getByRole("button", { name: "Lock segment" }).click();
  await expect(card(page, 2)).toContainText("Locked");
  await card(other, 1).getByRole("button", { name: "Generate Audio" }).click();
  await expectReady(page, 1);
  await card(page, 3).focus();
  await page.keyboard.press("Alt+ArrowUp");
  await expect(textOf(other, 2)).toHaveValue(SHORT[2] ?? "");
});

test("what one is writing is not overwritten by what another tab saves", async ({
  page,
  context,
  studio,
}) => {
  const { id } = await studio.story(SHORT);
  const other = await context.newPage();
  await openTimeline(page, id);
  await openTimeline(other, id);
  await textOf(page, 1).fill("Mine");
  await textOf(other, 2).fill("Theirs");
  await expect(textOf(page, 2)).toHaveValue("Theirs");
  await expect(textOf(page, 1)).toHaveValue("Mine");
});

test("other tabs follow a project to its end", async ({ page, context, studio, problems }) => {
  const { id } = await studio.story(SHORT, "Bells");
  const dashboard = await context.newPage();
  await dashboard.goto("/narrate");
  await expect(dashboard.getByRole("article")).toContainText("none with audio");
  await openTimeline(page, id);
  await page.getByRole("button", { name: "Generate All Audio" }).click();
  await expect(dashboard.getByRole("article")).toContainText("3 with audio");

  problems.allow(new RegExp(`^answer: GET /api/(projects|segments)/\\S+ 404$`));
  await studio.call("DELETE", `/api/projects/${id}/`);
  await expect(page.getByRole("heading", { name: "There is no such project" })).toBeVisible();
  await expect(dashboard.getByRole("heading", { name: "Give your story a voice" })).toBeVisible();
});
