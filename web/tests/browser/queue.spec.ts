import { ENDLESS, SHORT, UNSPEAKABLE, sentences } from "./stories";
import { expect, test } from "./studio";
import { expectReady, openTimeline } from "./timeline";

test.use({ server: { args: ["--workers", "1"] } });

test("the queue shows what runs and what waits, and lets one act on it", async ({ page, studio }) => {
  const long = await studio.story([...sentences(1), ENDLESS], "The long one");
  const short = await studio.story(SHORT, "The short one");
  await studio.begin(long.id);
  await studio.begin(short.id);
  await page.goto("/narrate");
  await page.getByRole("button", { name: "Queue, 2 tasks under way" }).click();

  const queue = page.getByRole("dialog", { name: "Queue" });
  const row = (title: string) => queue.getByRole("article", { name: title });
  await expect(row("The long one")).toContainText("Speaking");
  await expect(row("The long one")).toContainText("1 of 2 segments (50%)");
  await expect(row("The short one")).toContainText("Waiting");

  await row("The long one").getByRole("button", { name: "Pause" }).click();
  await expect(row("The long one")).toContainText("Paused");
  await expect(row("The short one"), "its turn comes").toContainText("Done");
  await row("The long one").getByRole("button", { name: "Resume" }).click();
  await expect(row("The long one")).toContainText("Speaking");
  await row("The long one").getByRole("button", { name: "Cancel" }).click();
  await expect(row("The long one")).toContainText("Cancelled");
  await expect(page.getByText("“The long one”: cancelled after 1 of 2 segments.")).toBeVisible();

  await row("The short one").getByRole("link", { name: "The short one" }).click();
  await expect(queue).toBeHidden();
  await expectReady(page, 1, 2, 3);
});

test("what failed is named, and only that is tried again", async ({ page, studio }) => {
  studio.server.expect(/\[jobs\] The unit for .* failed: There is nothing to speak/);
  const { id, segments } = await studio.story(["Before.", "To be emptied."], "Half a story");
  await studio.patch(segments[1]?.id ?? "", { text_content: UNSPEAKABLE });
  await openTimeline(page, id);
  await page.getByRole("button", { name: "Generate All Audio" }).click();
  await expect(page.getByText("“Half a story”: 1 of 2 segments could not be spoken.")).toBeVisible();
  await page.getByRole("button", { name: "Show", exact: true }).click();

  const row = page.getByRole("dialog", { name: "Queue" }).getByRole("article", { name: "Half a story" });
  await expect(row).toContainText("Incomplete");
  await row.getByRole("button", { name: "1 error" }).click();
  await expect(row.getByRole("list")).toContainText("Segment 2: There is nothing to speak");

  await studio.patch(segments[1]?.id ?? "", { text_content: "Now there is." });
  await row.getByRole("button", { name: "Retry the failed segment" }).click();
  await expect(row).toContainText("Done");
  await page.keyboard.press("Escape");
  await expectReady(page, 1, 2);
});

test("the queue opens by its key and says when there is nothing to do", async ({ page, studio }) => {
  await studio.story(SHORT);
  await page.goto("/narrate");
  await page.getByRole("link", { name: "A story" }).waitFor();
  await page.keyboard.press("q");
  await expect(page.getByRole("dialog", { name: "Queue" })).toContainText("Nothing to do");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});
