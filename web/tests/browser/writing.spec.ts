/** What is typed is kept, whatever happens to the page or the server. */
import type { Page } from "@playwright/test";
import { SHORT } from "./stories";
import { expect, type Studio, test } from "./studio";
import { card, choose, openTimeline, textOf } from "./timeline";

const TYPED = "Nothing that was typed may be lost.";
const LOST = [
  /^request: \w+ \S+ net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)/,
];

/** Opens a project and writes into its first segment once the server is gone. */
async function typeUnsaved(page: Page, studio: Studio, id: string): Promise<void> {
  await openTimeline(page, id);
  await studio.kill();
  await textOf(page, 1).fill(TYPED);
  await expect(card(page, 1).getByRole("alert")).toContainText("Not saved");
}

test("text saves itself and survives a reload", async ({ page, studio }) => {
  const { id, segments } = await studio.story(SHORT);
  await openTimeline(page, id);
  await textOf(page, 1).fill(TYPED);
  await expect(card(page, 1).getByText("Saved")).toBeVisible();
  expect((await studio.segment(segments[0]?.id ?? "")).text_content).toBe(TYPED);
  await page.reload();
  await expect(textOf(page, 1)).toHaveValue(TYPED);
});

test("a reload in the middle of a word keeps the word", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT);
  await openTimeline(page, id);
  page.on("dialog", (dialog) => void dialog.accept()); // "Leave page?", where the browser asks
  await textOf(page, 1).fill(TYPED);
  await page.reload();
  await expect(textOf(page, 1)).toHaveValue(TYPED);
});

test("a server killed while a save is pending loses nothing that was typed", async ({
  page,
  studio,
  problems,
}) => {
  problems.allow(...LOST);
  const { id, segments } = await studio.story(SHORT);
  await typeUnsaved(page, studio, id);
  await expect(page.getByRole("main").or(page.getByRole("status"))).not.toHaveCount(0);

  await studio.restart();
  await expect(page.getByRole("img", { name: "Connected" })).toBeVisible();
  await expect(card(page, 1).getByText("Saved")).toBeVisible();
  expect((await studio.segment(segments[0]?.id ?? "")).text_content).toBe(TYPED);
});

test("a page closed while the server is away brings the text along the next time", async ({
  page,
  context,
  studio,
  problems,
}) => {
  problems.allow(...LOST);
  const { id, segments } = await studio.story(SHORT);
  await typeUnsaved(page, studio, id);
  await page.close();

  await studio.restart();
  const later = await context.newPage();
  await openTimeline(later, id);
  await expect(textOf(later, 1)).toHaveValue(TYPED);
  await expect.poll(async () => (await studio.segment(segments[0]?.id ?? "")).text_content).toBe(TYPED);
});

test("a text changed elsewhere meanwhile is not overwritten unasked", async ({
  page,
  context,
  studio,
  problems,
}) => {
  problems.allow(...LOST);
  const { id, segments } = await studio.story(SHORT);
  await typeUnsaved(page, studio, id);
  await page.close();
  await studio.restart();
  await studio.patch(segments[0]?.id ?? "", { text_content: "Written elsewhere." });

  const later = await context.newPage();
  await openTimeline(later, id);
  await expect(card(later, 1).getByRole("alert")).toContainText("changed elsewhere");
  await expect(textOf(later, 1)).toHaveValue(TYPED);
  await card(later, 1).getByRole("button", { name: "Keep mine" }).click();
  await expect(card(later, 1).getByText("Saved")).toBeVisible();
  expect((await studio.segment(segments[0]?.id ?? "")).text_content).toBe(TYPED);
});

test("a story is written from nothing, segment by segment", async ({ page, studio }) => {
  const { id } = await studio.call<{ id: string }>("POST", "/api/projects/", { title: "New" });
  await openTimeline(page, id);
  await page.getByRole("button", { name: "Write the first segment" }).click();
  await expect(textOf(page, 1)).toBeFocused();
  await page.keyboard.type("The first.");
  await page.getByRole("button", { name: "Add segment" }).click();
  await expect(textOf(page, 2)).toBeFocused();
  await page.keyboard.type("The last.");
  await choose(page, 2, "Insert above");
  await expect(textOf(page, 2)).toHaveValue("");
  await expect(textOf(page, 2)).toBeFocused();
  await page.keyboard.type("Between them.");
  await expect(card(page, 2).getByText("Saved")).toBeVisible();
  const { segments } = await studio.project(id);
  expect(segments.map((one) => one.text_content)).toEqual(["The first.", "Between them.", "The last."]);
});

test("an image prompt saves itself and can be copied", async ({ page, context, studio }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { id, segments } = await studio.story(SHORT);
  await openTimeline(page, id);
  await page.getByRole("textbox", { name: "Image prompt of segment 1" }).fill("A bell tower at noon");
  await expect
    .poll(async () => (await studio.segment(segments[0]?.id ?? "")).image_prompt)
    .toBe("A bell tower at noon");
  await card(page, 1).getByRole("button", { name: "Copy prompt" }).click();
  await expect(card(page, 1).getByRole("button", { name: "Prompt copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("A bell tower at noon");
});

test("a project is renamed where its title stands", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT, "Bells");
  await openTimeline(page, id);
  await page.getByRole("button", { name: "Bells (rename)" }).click();
  await page.getByRole("textbox", { name: "Title of the project" }).fill("Birds");
  await page.keyboard.press("Enter");
  await expect(page).toHaveTitle("Birds · Parlando");
  expect((await studio.project(id)).title).toBe("Birds");
});
