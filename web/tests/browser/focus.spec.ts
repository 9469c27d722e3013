/** Where the focus is, for those who see nothing else. */
import { SHORT } from "./stories";
import { expect, test } from "./studio";
import { card, choose, openTimeline, textOf } from "./timeline";

test("an open menu holds the focus and gives it back", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT);
  await openTimeline(page, id);
  const button = page.getByRole("button", { name: "More about segment 1" });
  await button.focus();
  await page.keyboard.press("Enter");
  const menu = page.getByRole("menu");
  await expect(menu.getByRole("menuitem").first()).toBeFocused();
  for (const key of ["Tab", "Shift+Tab", "Tab"]) {
    await page.keyboard.press(key);
    await expect(menu.locator(":focus"), `after ${key}`).toHaveCount(1);
  }
  await page.keyboard.press("Escape");
  await expect(button).toBeFocused();
});

test("an open dialog holds the focus and gives it back", async ({ page, studio }) => {
  await studio.story(SHORT);
  await page.goto("/narrate");
  const button = page.getByRole("button", { name: "New project" });
  await button.click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Title")).toBeFocused();
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press("Tab");
    await expect(dialog.locator(":focus")).toHaveCount(1);
  }
  await page.keyboard.press("Escape");
  await expect(button).toBeFocused();
});

test("a card's text is entered with Enter and left with Escape", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT);
  await openTimeline(page, id);
  await page.keyboard.press("j");
  await expect(card(page, 1)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(textOf(page, 1)).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(card(page, 1)).toBeFocused();
});

test("deleting a card leaves the focus at the one that took its place", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT);
  await openTimeline(page, id);
  await choose(page, 2, "Delete segment");
  await expect(card(page, 2)).toBeFocused();
  await expect(textOf(page, 2)).toHaveValue(SHORT[2] ?? "");
  await page.keyboard.press("u");
  await expect(card(page, 2)).toBeFocused();
  await expect(textOf(page, 2)).toHaveValue(SHORT[1] ?? "");
});
