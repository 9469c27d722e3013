/** What a style sheet alone decides. */
import type { Locator } from "@playwright/test";
import { SHORT } from "./stories";
import { expect, test } from "./studio";
import { openTimeline } from "./timeline";

/** Where the text of an element lies in it. */
const sidesOf = (element: Locator) =>
  element.evaluate((node) => {
    const text = document.createRange();
    text.selectNodeContents(node);
    const [inner, outer] = [text.getBoundingClientRect(), node.getBoundingClientRect()];
    return { left: inner.left - outer.left, right: outer.right - inner.right };
  });

test("each text is set in its own direction", async ({ page, studio }) => {
  const { id } = await studio.call<{ id: string }>("POST", "/api/projects/import/", {
    title: "Two",
    segments: [
      { text_content: "مرحبا", chapter: "فصل أول" },
      { text_content: "Hello.", chapter: "Second" },
    ],
  });
  await openTimeline(page, id);
  const arabic = await sidesOf(page.getByRole("heading", { name: "فصل أول" }));
  const english = await sidesOf(page.getByRole("heading", { name: "Second" }));
  expect(arabic.right).toBeLessThan(arabic.left);
  expect(english.left).toBeLessThan(english.right);
});

test("in forced colours, what a ground alone tells can be seen", async ({ page, studio }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await openTimeline(page, (await studio.story(SHORT)).id);
  const ground = (element: Locator) => element.evaluate((node) => getComputedStyle(node).backgroundColor);
  const canvas = await ground(page.locator("body"));
  expect(await ground(page.getByRole("img", { name: "Connected" }).locator("span"))).not.toBe(canvas);
  expect(await ground(page.getByRole("button", { name: "Generate All Audio" }))).not.toBe(canvas);

  await page.getByRole("button", { name: "Theme" }).click();
  await page.keyboard.press("ArrowDown");
  expect(await ground(page.locator("[data-highlighted]"))).not.toBe(canvas);
});
