import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UNSPEAKABLE, ENDLESS, SHORT, sentences } from "./stories";
import { expect, test } from "./studio";
import { card, choose, expectReady, footer, openTimeline, READY, textOf } from "./timeline";

test("one segment is spoken, then all others", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT);
  await openTimeline(page, id);
  await expect(card(page, 1)).toContainText("No Audio");
  await card(page, 1).getByRole("button", { name: "Generate Audio" }).click();
  await expectReady(page, 1);
  await expect(card(page, 2)).toContainText("No Audio");

  await footer(page).getByRole("button", { name: "Generate All Audio" }).click();
  await expectReady(page, 1, 2, 3);
  await expect(footer(page)).toContainText("All audio is up to date");
  expect(await studio.project(id)).toMatchObject({ audio_count: 3, status: "COMPLETED" });
});

test("what was changed is outdated until it is spoken again", async ({ page, studio }) => {
  const { id, segments } = await studio.story(SHORT);
  await studio.narrate(id);
  await openTimeline(page, id);
  await expectReady(page, 2);
  await textOf(page, 2).fill("Two birds answered, and a third one laughed.");
  await expect(card(page, 2)).toContainText("Text changed — audio may be out of sync. Regenerate?");
  await expect(card(page, 2)).toContainText("Outdated");
  await expect(card(page, 2).getByText("Saved")).toBeVisible();
  expect(await studio.segment(segments[1]?.id ?? "")).toMatchObject({ audio_stale: true });

  await card(page, 2).getByRole("button", { name: "Regenerate" }).click();
  await expectReady(page, 2);
  await expect(card(page, 2)).not.toContainText("Text changed");
});

test("what was just typed is what is spoken", async ({ page, studio }) => {
  const { id, segments } = await studio.story(SHORT);
  await openTimeline(page, id);
  await textOf(page, 1).fill("Eleven bells rang in the old tower, one after the other, for a long time.");
  await card(page, 1).getByRole("button", { name: "Generate Audio" }).click();
  await expectReady(page, 1);
  const made = await studio.segment(segments[0]?.id ?? "");
  expect(made.audio_stale).toBe(false);
  expect(made.audio_duration).toBeGreaterThan(3);
});

test("a locked segment can be neither changed nor spoken, until it is unlocked", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT);
  await openTimeline(page, id);
  await card(page, 2).getByRole("button", { name: "Lock segment" }).click();
  await expect(card(page, 2)).toContainText("Locked: unlock it to change text, picture or audio.");
  await expect(textOf(page, 2)).toHaveAttribute("readonly");

  const generate = card(page, 2).getByRole("button", { name: "Generate Audio" });
  await expect(generate).toHaveAttribute("aria-disabled", "true");
  await generate.hover();
  await expect(page.getByRole("tooltip", { name: "Unlock segment to generate audio." })).toBeVisible();

  await footer(page).getByRole("button", { name: "Generate All Audio" }).click();
  await expectReady(page, 1, 3);
  await expect(card(page, 2)).toContainText("No Audio");

  await choose(page, 2, "Unlock segment");
  await expect(textOf(page, 2)).not.toHaveAttribute("readonly");
  await card(page, 2).getByRole("button", { name: "Generate Audio" }).click();
  await expectReady(page, 2);
});

test("a lock set elsewhere meanwhile is respected", async ({ page, studio, problems }) => {
  problems.allow(/^answer: POST \/api\/segments\/\S+\/generate-audio\/ 409$/);
  const { id, segments } = await studio.story(SHORT);
  await openTimeline(page, id);
  await page.route("**/api/projects/*/", (route) => route.abort("aborted")); // this page does not hear of it
  await page.route("**/api/events/", (route) => route.abort("aborted"));
  await studio.patch(segments[0]?.id ?? "", { is_locked: true });
  await card(page, 1).getByRole("button", { name: "Generate Audio" }).click();
  await expect(card(page, 1).getByRole("alert")).toContainText("Segment is locked.");
});

test("a long story shows its progress, rests, goes on, and is cancelled", async ({ page, studio }) => {
  const { id } = await studio.story([...sentences(3), ENDLESS, "The end."]);
  await openTimeline(page, id);
  await footer(page).getByRole("button", { name: "Generate All Audio" }).click();
  await expect(footer(page)).toContainText("Generating audio... 3/5 segments complete (60%)");
  await expect(footer(page).getByRole("progressbar")).toHaveAttribute("aria-valuenow", "3");
  await expectReady(page, 1, 2, 3);

  await footer(page).getByRole("button", { name: "Pause", exact: true }).click();
  await expect(footer(page)).toContainText("Paused at 3/5 segments (60%)");
  await footer(page).getByRole("button", { name: "Resume" }).click();
  await expect(footer(page)).toContainText("Generating audio... 3/5");

  await footer(page).getByRole("button", { name: "Cancel" }).click();
  await expect(footer(page).getByRole("button", { name: "Generate All Audio" })).toBeVisible();
  expect(await studio.project(id)).toMatchObject({ audio_count: 3 });
});

test("work under way is found again after a reload", async ({ page, studio }) => {
  const { id } = await studio.story([...sentences(2), ENDLESS]);
  const task = await studio.begin(id);
  await openTimeline(page, id);
  await expect(footer(page)).toContainText("2/3 segments complete");
  await page.reload();
  await expect(footer(page)).toContainText("2/3 segments complete");
  await expect(card(page, 2).getByText(READY)).toBeVisible();
  await studio.act(task, "cancel");
  await expect(footer(page).getByRole("button", { name: "Generate All Audio" })).toBeVisible();
});

test("cards show what is spoken and what waits", async ({ page, studio }) => {
  const { id } = await studio.story([ENDLESS, "The end."]);
  const task = await studio.begin(id);
  await openTimeline(page, id);
  await expect(card(page, 1).getByText("Generating...").first()).toBeVisible();
  await page.getByRole("button", { name: "More about this project" }).click();
  await page.getByRole("menuitem", { name: "Go to segment…" }).click();
  await page.getByRole("dialog").getByLabel("Position").fill("2");
  await page.keyboard.press("Enter");
  await expect(card(page, 2)).toContainText("Waiting");
  await studio.act(task, "cancel");
  await expect(card(page, 2)).toContainText("No Audio");
});

test("a segment that cannot be spoken says why, and is spoken once it was put right", async ({
  page,
  studio,
}) => {
  studio.server.expect(/\[jobs\] The unit for .* failed: There is nothing to speak/);
  const { id, segments } = await studio.story(["Before.", "To be emptied.", "After."]);
  await studio.patch(segments[1]?.id ?? "", { text_content: UNSPEAKABLE });
  await openTimeline(page, id);
  await footer(page).getByRole("button", { name: "Generate All Audio" }).click();
  await expectReady(page, 1, 3);
  await expect(card(page, 2).getByText("Failed")).toBeVisible();
  await expect(card(page, 2)).toContainText("There is nothing to speak");
  await expect(footer(page)).toContainText("1 failed");

  await textOf(page, 2).fill("Now there is something.");
  await expect(card(page, 2).getByText("Saved")).toBeVisible();
  await card(page, 2).getByRole("button", { name: "Generate Audio" }).click();
  await expectReady(page, 2);
  await expect(footer(page)).not.toContainText("failed");
});

test("what failed for want of a folder works again with Retry", async ({ page, studio }) => {
  studio.server.expect(/\[jobs\] The unit for .* failed: /);
  const { id } = await studio.story(SHORT);
  const staged = join(studio.data, "media", "staged");
  renameSync(staged, `${staged}.away`);
  writeFileSync(staged, "");
  await openTimeline(page, id);
  await card(page, 1).getByRole("button", { name: "Generate Audio" }).click();
  await expect(card(page, 1).getByText("Failed")).toBeVisible();
  await expect(card(page, 1)).toContainText("staged");

  rmSync(staged);
  renameSync(`${staged}.away`, staged);
  await card(page, 1).getByRole("button", { name: "Retry" }).click();
  await expectReady(page, 1);
});
