/** The Transcribe tab, with real speech where there is any, and a microphone that plays a file. */
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import {
  ears,
  isDeaf,
  longReading,
  plain,
  reading,
  silence,
  wavOf,
} from "../../../tests/api/real_speech.mjs";
import config from "../../playwright.config";
import { expectAccessible } from "./axe";
import { holdFile } from "./gestures";
import { expectNoSidewaysScrolling } from "./narrow";
import { expect, test } from "./studio";

/** Short, and heard without a mistake. */
const CLEAR = 4;

/** Silence follows, since the microphone begins anew at its end, and a pause would leave out any part of a sentence. */
const spoken = join(tmpdir(), `parlando-microphone-${process.pid}.wav`);
writeFileSync(
  spoken,
  wavOf(Buffer.concat([isDeaf ? silence(2) : reading(CLEAR).wav.subarray(44), silence(120)])),
);

const launchOptions = config.use?.launchOptions ?? {};
test.use({
  server: { env: isDeaf ? {} : ears },
  launchOptions: {
    ...launchOptions,
    args: [
      ...(launchOptions.args ?? []),
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      `--use-file-for-fake-audio-capture=${spoken}`,
    ],
  },
});

const segments = (page: Page) => page.getByRole("list", { name: "What was said" }).getByRole("listitem");
const list = (page: Page) => page.getByRole("region", { name: "Recordings" });
const row = (page: Page, name: string) => list(page).getByRole("listitem").filter({ hasText: name });
const words = async (page: Page) =>
  plain((await segments(page).getByRole("paragraph").allTextContents()).join(" "));

const wav = (name: string, buffer: Buffer) => ({ name, mimeType: "audio/wav", buffer });

async function open(page: Page): Promise<void> {
  await page.goto("/transcribe/");
  await expect(page.getByRole("heading", { name: "Transcribe" })).toBeVisible();
}

const choose = (page: Page, ...files: ReturnType<typeof wav>[]) =>
  page.getByLabel("Recordings", { exact: true }).and(page.locator("input")).setInputFiles(files);

test.describe("with a model that hears", () => {
  test.skip(isDeaf !== false, String(isDeaf));

  test("a file is heard, played by its words, copied and written as subtitles", async ({ page, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await open(page);
    const { wav: sound, says } = reading(CLEAR);
    await choose(page, wav("austen.wav", sound));
    await expect(row(page, "austen.wav")).toContainText("Done", { timeout: 60_000 });
    expect(await words(page)).toBe(says);
    await expect(page.getByRole("article")).toContainText("English · moonshine-tiny · 0:03 · 8 words");

    await segments(page).getByText("amiable").click();
    await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
    const position = page.getByRole("slider", { name: "Position" });
    await expect(position).toHaveAttribute("aria-valuetext", /^0:0[12] of 0:03$/);
    await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible(); // it ended

    await page.getByRole("button", { name: "Copy text" }).click();
    expect(plain(await page.evaluate(() => navigator.clipboard.readText()))).toBe(says);

    await page.getByRole("button", { name: "Download" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: "Subtitles (.srt)" }).click();
    expect((await download).suggestedFilename()).toBe("austen.srt");
    const srt = readFileSync(await (await download).path(), "utf8");
    expect(srt).toMatch(/^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\n/);
    expect(plain(srt.replace(/^[\d:, >-]+$/gm, ""))).toBe(says);
  });

  test("several wait for each other, one that is no sound does not stop them, and History has them", async ({
    page,
    studio,
    problems,
  }) => {
    problems.allow(/^answer: POST \/v1\/audio\/transcriptions 400$/);
    await open(page);
    await choose(
      page,
      wav("first.wav", reading(CLEAR).wav),
      wav("broken.wav", Buffer.from("no sound at all, only text ".repeat(100))),
      wav("last.wav", reading(2).wav),
    );
    await expect(row(page, "last.wav")).toContainText("Done", { timeout: 60_000 });
    await expect(row(page, "first.wav")).toContainText("Done");
    await expect(row(page, "broken.wav")).toContainText("Failed");
    await row(page, "broken.wav").getByRole("button", { name: "broken.wav", exact: true }).click();
    await expect(page.getByRole("alert")).toContainText("FFmpeg cannot read it");
    await row(page, "last.wav").getByRole("button", { name: "last.wav", exact: true }).click();
    expect(await words(page)).toBe(reading(2).says);
    const { items } = await studio.call<{ items: { input_filename: string }[] }>(
      "GET",
      "/api/history/?type=stt",
    );
    expect(items.map(({ input_filename: name }) => name)).toEqual(["last.wav", "first.wav"]);
  });

  test("text comes while it is heard, and can be cancelled and begun again", async ({ page }) => {
    await open(page);
    await choose(page, wav("long.wav", longReading(12)));
    await expect(segments(page).nth(1)).toBeVisible({ timeout: 60_000 });
    await expect(row(page, "long.wav")).toContainText("Listening");
    await page.getByRole("article").getByRole("button", { name: "Cancel long.wav" }).click();
    await expect(row(page, "long.wav")).toContainText("Cancelled");
    await row(page, "long.wav").getByRole("button", { name: "Try long.wav again" }).click();
    await expect(row(page, "long.wav")).toContainText("Listening");
    await row(page, "long.wav").getByRole("button", { name: "Cancel long.wav" }).click();
  });

  test("the microphone is recorded, heard and played", async ({ page }) => {
    await open(page);
    await page.getByRole("button", { name: "Record", exact: true }).click();
    const panel = page.getByRole("region", { name: "New recording" });
    const timer = panel.getByRole("timer");
    await expect(timer, "all was said").toHaveText(/^0:(0[4-9]|[1-5]\d)$/);
    await panel.getByRole("button", { name: "Pause" }).click();
    await expect(panel.getByRole("status")).toHaveText("Paused");
    const atPause = (await timer.textContent()) ?? "";
    await panel.getByRole("button", { name: "Go on" }).click();
    await expect(timer).not.toHaveText(atPause);
    const recorded = (await timer.textContent()) ?? "";
    await panel.getByRole("button", { name: "Stop and transcribe" }).click();
    await expect(row(page, "Recording ")).toContainText("Done", { timeout: 60_000 });
    expect(await words(page)).toBe(reading(CLEAR).says);
    const position = await page.getByRole("slider", { name: "Position" }).getAttribute("aria-valuetext");
    const [, length = ""] = position?.split(" of ") ?? [];
    expect(length, "as long as it was recorded, at least").toMatch(/^0:\d\d$/);
    expect(Number(length.slice(2))).toBeGreaterThanOrEqual(Number(recorded.slice(2)));
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  });

  test("what was heard is there after a look elsewhere and a reload", async ({ page }) => {
    await open(page);
    await choose(page, wav("kept.wav", reading(CLEAR).wav));
    await expect(row(page, "kept.wav")).toContainText("Done", { timeout: 60_000 });
    await page.getByRole("link", { name: "Models" }).click();
    await expect(page.getByRole("heading", { name: "Models" })).toBeVisible();
    await page.getByRole("link", { name: "Transcribe" }).click();
    await expect(page.getByRole("slider", { name: "Position" })).toBeVisible();
    await page.reload();
    await expect(page.getByRole("article")).toContainText("The recording itself went with the last reload");
    expect(await words(page)).toBe(reading(CLEAR).says);
    await row(page, "kept.wav").getByRole("button", { name: "Remove kept.wav from the list" }).click();
    await expect(page.getByRole("article")).toHaveCount(0);
  });

  test("axe finds nothing wrong with what was heard, and it fits a phone", async ({ page }) => {
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await open(page);
    await choose(page, wav("a-name-that-has-no-place-to-break-and-goes-on-and-on.wav", reading(CLEAR).wav));
    await expect(row(page, "a-name")).toContainText("Done", { timeout: 60_000 });
    await segments(page).getByRole("button").first().click();
    await expectAccessible(page, "in light");
    await page.emulateMedia({ colorScheme: "dark" });
    await expect(page.locator("html")).toHaveClass(/dark/);
    await expectAccessible(page, "in dark");
    await page.setViewportSize({ width: 360, height: 740 });
    await expectNoSidewaysScrolling(page);
  });
});

test.describe("without a model", () => {
  test.use({ server: {} });

  test("says what is missing, and keeps what is chosen or dropped until it is there", async ({ page }) => {
    await open(page);
    const missing = page.getByRole("region", { name: "Parlando cannot listen yet" });
    await expect(missing.getByRole("button", { name: /^Get it \(\d/ })).toBeVisible();
    await (
      await holdFile(page.locator("body"), {
        name: "dropped.wav",
        type: "audio/wav",
        content: wavOf(silence(1)),
      })
    )();
    await expect(row(page, "dropped.wav")).toContainText("Waiting");
    await row(page, "dropped.wav").getByRole("button", { name: "Cancel dropped.wav" }).click();
    await expect(row(page, "dropped.wav")).toContainText("Cancelled");
    await missing.getByRole("link", { name: "All models" }).click();
    await expect(page).toHaveURL(/\/models$/);
  });

  test("axe finds nothing wrong with an empty page, nor while it records; both fit a phone", async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await open(page);
    await expect(page.getByRole("button", { name: /^Get it/ })).toBeVisible();
    await expectAccessible(page, "empty, in light");
    await page.emulateMedia({ colorScheme: "dark" });
    await expect(page.locator("html")).toHaveClass(/dark/);
    await expectAccessible(page, "empty, in dark");
    await page.setViewportSize({ width: 360, height: 740 });
    await expectNoSidewaysScrolling(page);

    await page.keyboard.press("r");
    await expect(page.getByRole("button", { name: "Stop and transcribe" })).toBeFocused();
    await expectAccessible(page, "recording, in dark");
    await expectNoSidewaysScrolling(page);
    await page.getByRole("button", { name: "Discard the recording" }).click();
    await expect(page.getByRole("button", { name: "Record", exact: true })).toBeFocused();
    await expect(list(page)).toHaveCount(0);
  });

  test("a microphone that is refused is told kindly", async ({ page }) => {
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
    });
    await open(page);
    await page.getByRole("button", { name: "Record", exact: true }).click();
    await expect(page.getByRole("alert")).toContainText("Allow it with the sign beside the page’s address");
    await expect(page.getByRole("button", { name: "Record", exact: true })).toBeEnabled();
  });
});
