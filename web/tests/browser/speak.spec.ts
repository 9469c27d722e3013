/** The Speak tab against the real program: what is written is heard, while it is made. */
import { readFileSync } from "node:fs";
import type { Locator, Page } from "@playwright/test";
import { expectAccessible } from "./axe";
import { watchChanges } from "./changes";
import { expectNoSidewaysScrolling } from "./narrow";
import { heard, lastHeard, sounding, watchSound } from "./sound";
import { ENDLESS, lasting } from "./stories";
import { expect, test } from "./studio";

const TEXT = "One bell rang over the harbour. Two birds answered, and then it was quiet again.";

const textField = (page: Page): Locator => page.getByRole("textbox", { name: "Text", exact: true });
const result = (page: Page): Locator => page.getByRole("region", { name: "Speech" });

async function openSpeak(page: Page): Promise<void> {
  await page.goto("/speak");
  await expect(page.getByRole("heading", { level: 1, name: "Speak" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Voice: / })).toBeVisible();
}

async function speak(page: Page, text: string): Promise<void> {
  await textField(page).fill(text);
  await page.getByRole("button", { name: "Speak", exact: true }).click();
}

test.beforeEach(({ page }) => watchSound(page));

test("what was written sounds, says who spoke it, and marks the words that are heard", async ({ page }) => {
  await openSpeak(page);
  const marked = await watchChanges(page, "[data-current]");
  const spoken = lasting(TEXT);
  await textField(page).fill(spoken);
  await page.keyboard.press("Control+Enter");
  await expect(result(page)).toContainText("Done");
  await expect(result(page)).toContainText(/Spoken by en-us \(espeak\)\s· first sound after .* of sound/);
  await expect.poll(async () => (await marked()).length).toBeGreaterThan(3);
  let place = 0;
  for (const word of await marked()) {
    place = spoken.indexOf(word, place) + word.length;
    expect(place, `“${word}” after what was marked before`).toBeGreaterThanOrEqual(word.length);
  }
  await result(page).getByRole("button", { name: "Pause" }).click();
  await expect.poll(() => sounding(page)).toBeNull();
});

test.describe("of a long text", () => {
  test.use({ server: { args: ["--tts-max-input", "1000000"] } });

  test("the sound begins before all of it is made, and stopping ends the work", async ({ page, studio }) => {
    await openSpeak(page);
    const ended = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/v1/audio/speech"));
    await page.getByLabel("Engine").selectOption("espeak");
    await speak(page, ENDLESS);
    await expect(result(page)).toContainText("Speaking…");
    await expect.poll(() => heard(page)).toBeGreaterThan(0.2);
    await expect(result(page)).toContainText("Speaking…");
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await expect(result(page)).toContainText("Stopped. What was cut off is not kept in History.");
    await ended;
    await expect.poll(() => sounding(page)).toBeNull();
    await result(page).getByRole("button", { name: "Play" }).click();
    await expect.poll(() => heard(page), "what had arrived").toBeGreaterThan(0.3);
    expect((await studio.call<{ total: number }>("GET", "/api/history/")).total).toBe(0);
    await page.reload();
    await expect(textField(page), "what was stopped").toHaveValue(ENDLESS);
    await expect(page.getByLabel("Engine")).toHaveValue("espeak");
  });
});

for (const format of ["opus", "aac", "flac", "wav", "pcm"])
  test(`${format} is played, and downloaded under a name that says what it is`, async ({ page }) => {
    await openSpeak(page);
    await page.getByLabel("Format").selectOption(format);
    await speak(page, "One bell rang.");
    await expect(result(page)).toContainText("Done");
    await expect.poll(() => lastHeard(page)).toBeGreaterThan(0.2);
    const downloading = page.waitForEvent("download");
    await result(page)
      .getByRole("button", { name: `Download ${format.toUpperCase()}` })
      .click();
    expect((await downloading).suggestedFilename()).toBe(`One bell rang - en-us.${format}`);
  });

test("clicking a word, and the keys of the outline, go to a moment of it", async ({ page }) => {
  await openSpeak(page);
  await speak(page, lasting(TEXT));
  await expect(result(page)).toContainText("Done");
  const slider = result(page).getByRole("slider", { name: "Position" });
  await result(page).getByRole("button", { name: "Pause" }).click();
  await slider.press("Home");
  await expect(slider).toHaveAttribute("aria-valuetext", /^0:00 of \d:\d\d$/);
  await slider.press("ArrowRight");
  await expect(slider).toHaveAttribute("aria-valuetext", /^0:01 of/);
  await result(page).getByText("birds", { exact: true }).first().click();
  await expect.poll(() => heard(page)).toBeGreaterThan(1.5);
});

test("the text and how it is spoken outlive a reload, and so does what was spoken", async ({ page }) => {
  await openSpeak(page);
  await page.getByLabel("Format").selectOption("wav");
  await speak(page, TEXT);
  await expect(result(page)).toContainText("Done");
  await page.reload();
  await expect(textField(page)).toHaveValue(TEXT);
  await expect(page.getByLabel("Format")).toHaveValue("wav");
  const before = page.getByRole("region", { name: "Spoken before in this browser tab" });
  await expect(before.getByRole("article")).toHaveCount(1);
  await before.getByRole("button", { name: /^Play: One bell/ }).click();
  await expect.poll(() => lastHeard(page)).toBeGreaterThan(0.2);
});

test("a refusal says why, and speaking works again after it", async ({ page, problems, studio }) => {
  problems.allow(/POST \/v1\/audio\/speech/);
  await openSpeak(page);
  await page.route("**/v1/audio/speech", (route) => route.abort());
  await speak(page, TEXT);
  await expect(page.getByRole("alert")).toContainText("Is Parlando still running?");
  await page.unroute("**/v1/audio/speech");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(result(page)).toContainText("Done");
  expect((await studio.call<{ total: number }>("GET", "/api/history/")).total).toBe(1);
});

test("a profile is saved, applied, changed, made the default and deleted", async ({ page, studio }) => {
  await openSpeak(page);
  await page.getByRole("button", { name: /^Voice: / }).click();
  await page.getByRole("combobox", { name: "Search voices" }).fill("german");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await page.getByLabel("Format").selectOption("flac");
  await page.getByRole("button", { name: "Save as profile" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Heidi");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("combobox", { name: "Profile" })).toHaveValue(/./);

  await page.getByLabel("Format").selectOption("mp3");
  await expect(page.getByRole("combobox", { name: "Profile" })).toContainText("Heidi (changed)");
  await page.getByRole("button", { name: "Apply again" }).click();
  await expect(page.getByLabel("Format")).toHaveValue("flac");

  await page.getByRole("button", { name: "Manage" }).click();
  await page.getByRole("button", { name: "Make “Heidi” the default" }).click();
  await expect(page.getByRole("dialog").getByText("Default", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Edit “Heidi”" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Peter");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("dialog")).toContainText("Peter");
  expect(await studio.call("GET", "/api/profiles/")).toMatchObject({
    items: [{ name: "Peter", voice: "de", format: "flac", is_default: true }],
  });

  await page.getByRole("button", { name: "Delete “Peter”" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("dialog", { name: "Profiles" })).toContainText("There are no profiles.");
  expect(await studio.call("GET", "/api/profiles/")).toMatchObject({ items: [] });
});

test("a language picks the voice that speaks it, and is called by a name", async ({ page }) => {
  await openSpeak(page);
  await page.getByLabel("Engine").selectOption("espeak");
  const language = page.getByRole("combobox", { name: "Language" });
  await expect(language.getByRole("option", { name: "Pyash" })).toBeAttached();
  const names = await language.getByRole("option").allTextContents();
  expect(names.filter((name) => /^[a-z]{2,4}(-|$)|\d/.test(name))).toEqual([]);
  await language.selectOption("German");
  await expect(page.getByRole("button", { name: "Voice: German" })).toBeVisible();
  await speak(page, "Guten Tag.");
  await expect(result(page)).toContainText("Spoken by de (espeak)");
});

test("what was spoken is saved as subtitles", async ({ page }) => {
  await openSpeak(page);
  await speak(page, TEXT);
  await result(page).getByRole("button", { name: "Subtitles" }).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "Subtitles (WebVTT)" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^one-bell.*\.vtt$/i);
  expect(readFileSync(await download.path(), "utf8")).toMatch(/^WEBVTT[^]*harbour/);
});

test("what one tab saves, another one has", async ({ page, context, studio }) => {
  const other = await context.newPage();
  await openSpeak(page);
  await openSpeak(other);
  await expect(other.getByRole("img", { name: "Connected" })).toBeVisible();
  await studio.call("POST", "/api/profiles/", { name: "From elsewhere", voice: "de" });
  for (const tab of [page, other])
    await expect(tab.getByRole("option", { name: "From elsewhere" })).toBeAttached();
});

test("axe finds nothing wrong with speaking", async ({ page, studio }) => {
  await studio.call("POST", "/api/profiles/", { name: "Calm", voice: "en-us" });
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await openSpeak(page);
  await speak(page, TEXT);
  await expect(result(page)).toContainText(/of sound/);
  await page.getByRole("button", { name: "Speak", exact: true }).click();
  await expect(
    page.getByRole("region", { name: "Spoken before in this browser tab" }).getByRole("article"),
  ).toHaveCount(1);
  await expect(result(page)).toContainText(/of sound/);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator("html")).toHaveClass(new RegExp(colorScheme));
    await expectAccessible(page, `the tab in ${colorScheme}`);
    await page.getByRole("button", { name: "Manage" }).click();
    await page.getByRole("button", { name: "Edit “Calm”" }).click();
    await expectAccessible(page, `a profile in ${colorScheme}`);
    await page.keyboard.press("Escape");
  }
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test("everything fits, and speaks", async ({ page, studio }) => {
    await studio.call("POST", "/api/profiles/", { name: "A profile with quite a long name", voice: "en-us" });
    await openSpeak(page);
    await expectNoSidewaysScrolling(page);
    await textField(page).fill("Averyverylongwordthathasnoplacetobreakandgoesonandonandonandon. Done.");
    await page.getByRole("button", { name: "Speak", exact: true }).tap();
    await expect(result(page)).toContainText(/of sound/);
    await expectNoSidewaysScrolling(page);
    await page.getByRole("button", { name: "Manage" }).tap();
    await expectNoSidewaysScrolling(page);
    await page.getByRole("button", { name: /^Edit / }).tap();
    await expectNoSidewaysScrolling(page);
  });
});
