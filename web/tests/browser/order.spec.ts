import type { Page } from "@playwright/test";
import { expect, type Studio, test } from "./studio";
import { card, choose, openTimeline, textOf } from "./timeline";

const STORY = ["One.", "Two.", "Three.", "Four."];

async function expectOrder(page: Page, studio: Studio, projectId: string, texts: string[]): Promise<void> {
  for (const [index, text] of texts.entries()) await expect(textOf(page, index + 1)).toHaveValue(text);
  const textsThere = async () => (await studio.project(projectId)).segments.map((one) => one.text_content);
  await expect.poll(textsThere).toEqual(texts);
  await page.reload();
  for (const [index, text] of texts.entries()) await expect(textOf(page, index + 1)).toHaveValue(text);
}

/** Where a card's handle is, in the window. */
async function handleOf(page: Page, number: number): Promise<{ x: number; y: number }> {
  const box = await page.getByRole("button", { name: `Move segment ${number}`, exact: true }).boundingBox();
  if (!box) throw new Error(`segment ${number} is not shown`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

test("a card is dragged to another place", async ({ page, studio }) => {
  const { id } = await studio.story(STORY);
  await openTimeline(page, id);
  const from = await handleOf(page, 1);
  const to = await handleOf(page, 2);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y + 20, { steps: 8 });
  await expect(page.getByRole("status").filter({ hasText: "Over position 2." })).toBeAttached();
  await page.mouse.up();
  await expectOrder(page, studio, id, ["Two.", "One.", "Three.", "Four."]);
});

test("a drag given up leaves everything as it was", async ({ page, studio }) => {
  const { id } = await studio.story(STORY);
  await openTimeline(page, id);
  await page.getByRole("button", { name: "Move segment 1", exact: true }).hover();
  await page.mouse.down();
  await page.getByRole("button", { name: "Move segment 2", exact: true }).hover();
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await expectOrder(page, studio, id, STORY);
});

test("a card is moved with Alt and the arrows", async ({ page, studio }) => {
  const { id } = await studio.story(STORY);
  await openTimeline(page, id);
  await card(page, 4).focus();
  await page.keyboard.press("Alt+ArrowUp");
  await expect(textOf(page, 3)).toHaveValue("Four.");
  await expect(page.getByRole("status").filter({ hasText: "Moved to position 3 of 4." })).toBeAttached();
  await expect(card(page, 3), "the focus goes along").toBeFocused();
  await page.keyboard.press("Alt+ArrowUp");
  await page.keyboard.press("Alt+ArrowUp");
  await expectOrder(page, studio, id, ["Four.", "One.", "Two.", "Three."]);
});

test("a card is moved to a position by its number", async ({ page, studio }) => {
  const { id } = await studio.story(STORY);
  await openTimeline(page, id);
  await choose(page, 1, "Move to position…");
  const dialog = page.getByRole("dialog", { name: "Move segment 1" });
  await dialog.getByLabel("Position").fill("4");
  await dialog.getByRole("button", { name: "Move" }).click();
  await expectOrder(page, studio, id, ["Two.", "Three.", "Four.", "One."]);
});
