/** The History tab against the real program, with what was spoken through its API. */
import { readFileSync } from "node:fs";
import type { Locator, Page } from "@playwright/test";
import { expectAccessible } from "./axe";
import { expectNoSidewaysScrolling } from "./narrow";
import { lastHeard, watchSound } from "./sound";
import { lasting } from "./stories";
import { expect, type Studio, test } from "./studio";

interface Entries {
  items: { id: string }[];
  total: number;
}

const history = (studio: Studio) => studio.call<Entries>("GET", "/api/history/");

/** Speaks these, the last one being the newest. */
async function say(studio: Studio, ...texts: string[]): Promise<void> {
  for (const input of texts) {
    const answer = await studio.server.request("POST", "/v1/audio/speech", {
      json: { model: "tts-1", input, voice: "en-us" },
    });
    expect(answer.status, answer.text).toBe(200);
  }
}

async function openHistory(page: Page, query = ""): Promise<void> {
  await page.goto(`/history${query}`);
  await expect(page.getByRole("img", { name: "Connected" })).toBeVisible();
}

const rows = (page: Page): Locator => page.getByRole("list", { name: "History" }).getByRole("article");

async function choose(page: Page, text: string, action: string): Promise<void> {
  await page.getByRole("button", { name: `More about “${text}”` }).click();
  await page.getByRole("menuitem", { name: action }).click();
}

test.beforeEach(({ page }) => watchSound(page));

test("what any client lets speak shows up by itself, and plays", async ({ page, studio }) => {
  await openHistory(page);
  await expect(page.getByRole("heading", { name: "Nothing yet" })).toBeVisible();
  await say(studio, lasting("One bell rang."));
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText(/en-us\s· espeak\s·\s*0:\d\d/);
  await page.getByRole("button", { name: /^Play: One bell/ }).click();
  await expect.poll(() => lastHeard(page)).toBeGreaterThan(0.3);
  await expect(rows(page).getByRole("button", { name: /^Pause/ })).toHaveCount(1);
  await rows(page)
    .getByRole("button", { name: /^One bell/ })
    .focus();
  await page.keyboard.press("[");
  const slider = rows(page).getByRole("slider", { name: "Position" });
  await expect(slider).toHaveAttribute("aria-valuetext", /^0:00 of/);
  await slider.press("End");
  await expect(page.getByRole("button", { name: /^Play: One bell/ })).toBeVisible();
});

test("texts are searched, and pages turned", async ({ page, studio }) => {
  await say(studio, "The only needle.", ...Array.from({ length: 26 }, (_, number) => `Straw ${number + 1}.`));
  await openHistory(page);
  await expect(page.getByText("1–25 of 27")).toBeVisible();
  await expect(rows(page).first()).toContainText("Straw 26.");
  await page.getByRole("button", { name: "Next" }).click();
  await expect(rows(page)).toHaveCount(2);
  await expect(page).toHaveURL(/page=2/);
  await page.keyboard.press("/");
  await page.keyboard.type("NEEDLE");
  await expect(rows(page)).toHaveCount(1);
  await expect(page).toHaveURL(/\?search=NEEDLE$/);
  await page.getByRole("radio", { name: "Transcripts" }).click();
  await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
  await page.goBack();
  await expect(rows(page)).toHaveCount(1);
});

test("a deleted entry can be had back, and is gone for good when one leaves", async ({ page, studio }) => {
  await say(studio, "First.", "Second.");
  await openHistory(page);
  await choose(page, "First.", "Delete");
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).getByRole("button", { name: "Second.", exact: true })).toBeFocused();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).getByRole("button", { name: "First.", exact: true })).toBeFocused();
  expect((await history(studio)).total).toBe(2);

  await choose(page, "Second.", "Delete");
  await page.getByRole("link", { name: "Speak", exact: true }).click();
  await expect.poll(async () => (await history(studio)).total).toBe(1);
  await page.goBack();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText("First.");
});

test("clearing asks how many go", async ({ page, studio }) => {
  await say(studio, "First.", "Second.", "Third.");
  await openHistory(page, "?search=ir");
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("button", { name: "Clear all" }).click();
  const question = page.getByRole("alertdialog", { name: "Delete all 2 entries?" });
  await expect(question).toContainText("Those that match “ir”");
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("button", { name: "Clear all" }).click();
  await question.getByRole("button", { name: "Delete them" }).click();
  await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
  expect((await history(studio)).total).toBe(1);
});

test("an entry is spoken again, and the new one is there", async ({ page, studio }) => {
  await say(studio, "Once more.");
  await openHistory(page);
  await choose(page, "Once more.", "Speak again");
  await expect.poll(() => lastHeard(page)).toBeGreaterThan(0.1);
  await expect(page.getByRole("region", { name: "Speech" })).toContainText("Done");
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("region", { name: "Speech" }).getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("region", { name: "Speech" })).toBeHidden();
});

test("an entry's text and settings are used again", async ({ page, studio }) => {
  await say(studio, "Said before.");
  await openHistory(page);
  await choose(page, "Said before.", "Use in Speak");
  await expect(page).toHaveURL(/\/speak$/);
  await expect(page.getByRole("textbox", { name: "Text", exact: true })).toHaveValue("Said before.");
  await expect(page.getByLabel("Engine")).toHaveValue("espeak");
});

test("an entry opens with its words, is copied, and downloaded", async ({ page, context, studio }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const text = "The clocks were striking thirteen.";
  await say(studio, text);
  await openHistory(page);
  await rows(page).getByRole("button", { name: text, exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "From the history" });
  await expect(dialog).toContainText("Engineespeak");
  await dialog.getByText("striking", { exact: true }).click();
  await expect.poll(() => lastHeard(page)).toBeGreaterThan(0.5);
  await dialog.getByRole("button", { name: "Copy text" }).click();
  await expect(page.getByText("Text copied")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
  const downloading = page.waitForEvent("download");
  await dialog.getByRole("link", { name: "Download audio" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/thirteen.*\.mp3$/);
  const [entry] = (await history(studio)).items;
  const audio = await studio.server.request("GET", `/api/history/${entry?.id ?? ""}/audio/`);
  expect(readFileSync(await download.path()).equals(audio.body)).toBe(true);
});

test("an entry's words are saved as subtitles", async ({ page, studio }) => {
  await say(studio, "The clocks were striking thirteen.");
  await openHistory(page);
  const downloading = page.waitForEvent("download");
  await choose(page, "The clocks were striking thirteen.", "Subtitles (SRT)");
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/\.srt$/);
  expect(readFileSync(await download.path(), "utf8")).toMatch(/^1\r?\n00:00:00,\d+ --> [^]*thirteen/);
});

test("lower limits ask before they take anything away", async ({ page, studio }) => {
  await say(studio, "First.", "Second.", "Third.");
  await openHistory(page, "?search=third");
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Keep history…" }).click();
  await page.getByLabel("Entries at most").fill("1");
  await page.getByRole("button", { name: "Save" }).click();
  const question = page.getByRole("alertdialog", { name: "Delete the 2 oldest entries?" });
  await question.getByRole("button", { name: "Cancel" }).click();
  expect((await history(studio)).total).toBe(3);
  await page.getByRole("button", { name: "Save" }).click();
  await question.getByRole("button", { name: "Save and delete" }).click();
  await expect.poll(async () => (await history(studio)).total).toBe(1);
});

test("without a history nothing is kept, and the page says so", async ({ page, studio }) => {
  await openHistory(page);
  await page.getByRole("button", { name: "Keep history…" }).click();
  const dialog = page.getByRole("dialog", { name: "Keep history" });
  await dialog.getByRole("checkbox", { name: /^Keep a history/ }).uncheck();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  expect(await studio.call("GET", "/api/settings/")).toMatchObject({ history_enabled: false });
  await page.getByRole("link", { name: "Speak", exact: true }).click();
  await page.getByRole("textbox", { name: "Text", exact: true }).fill("Not for the record.");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("region", { name: "Speech" })).toContainText("not kept in the history");
  expect((await history(studio)).total).toBe(0);
});

test("axe finds nothing wrong with the history", async ({ page, studio }) => {
  await say(studio, "First.", "Second.");
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openHistory(page);
  await page.getByRole("button", { name: "Play: First." }).click();
  await expect(rows(page).getByRole("slider", { name: "Position" })).toBeVisible();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator("html")).toHaveClass(new RegExp(colorScheme));
    await expectAccessible(page, `the list in ${colorScheme}`);
    await rows(page).getByRole("button", { name: "Second.", exact: true }).click();
    await expect(page.getByRole("dialog")).toContainText("Engine");
    await expectAccessible(page, `an entry in ${colorScheme}`);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Keep history…" }).click();
    await expect(page.getByLabel("Entries at most")).toBeVisible();
    await expectAccessible(page, `the settings in ${colorScheme}`);
    await page.keyboard.press("Escape");
  }
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test("everything fits", async ({ page, studio }) => {
    await say(studio, "Averyverylongwordthathasnoplacetobreakandgoesonandonandonandon.", "Short.");
    await openHistory(page);
    await page.getByRole("button", { name: "Play: Short." }).tap();
    await expectNoSidewaysScrolling(page);
    await page.getByRole("button", { name: "More about “Short.”" }).tap();
    await expectNoSidewaysScrolling(page);
    await page.getByRole("menuitem", { name: "Show all of it" }).tap();
    await expect(page.getByRole("dialog")).toContainText("Engine");
    await expectNoSidewaysScrolling(page);
  });
});
