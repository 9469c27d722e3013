/**
 * Takes the pictures of docs/screens. Kokoro speaks where it is installed, else espeak; pngquant makes the
 * files smaller where it is installed (Debian has it).
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { Schemas } from "../../src/api/client";
import { program, root } from "../../../tests/cli/program.mjs";
import { isDeaf, longReading } from "../../../tests/api/real_speech.mjs";
import { ENDLESS, UNSPEAKABLE } from "../browser/stories";
import { expect, type Studio, test } from "../browser/studio";
import { card, openTimeline } from "../browser/timeline";
import { drawLighthouse } from "./picture";

const FOLDER = join(root, "docs", "screens");
const MOST_BYTES = 150_000;

const STORY = [
  [
    "Every evening at dusk, old Maren climbed the ninety-one steps of the lighthouse at Gull Point.",
    "A lighthouse on a cliff at dusk, watercolour",
  ],
  [
    "She trimmed the wick, wound the clockwork, and told the lamp what the day had been like.",
    "An old woman lighting a great lamp",
  ],
  [
    "One autumn night the fog came in like wool, and the lamp would not light.",
    "Thick fog around a dark lighthouse",
  ],
  ["“Then you shall have a voice instead,” said Maren, and took the ship's bell from the wall.", ""],
  ["All night she rang it, three strokes and a pause, and far out somebody rang back.", ""],
] as const;

const models = spawnSync(program, ["models", "path"], { encoding: "utf8" }).stdout.trim();
const runtime = process.env.PARLANDO_ORT ?? join(root, "deps", "libonnxruntime.so.1");

test.use({
  server: {
    engine: "auto",
    env: { PARLANDO_MODELS: models, ...(existsSync(runtime) && { PARLANDO_ORT: runtime }) },
  },
});

async function take(page: Page, name: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `${name}.png`);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  spawnSync("pngquant", [
    "--force",
    "--skip-if-larger",
    "--strip",
    "--speed",
    "1",
    "--output",
    path,
    "256",
    path,
  ]);
  expect(statSync(path).size, `${name}.png`).toBeLessThan(MOST_BYTES);
}

async function makeLamp(page: Page, studio: Studio): Promise<string> {
  const { id, segments } = await studio.story(
    STORY.map(([text_content, image_prompt]) => ({ text_content, image_prompt })),
    "The Lamp at Gull Point",
  );
  const pictures = [
    await drawLighthouse(page, { sky: ["#2b2a5a", "#e79a6b"], sea: "#3a4a7a", isLit: true }),
    await drawLighthouse(page, { sky: ["#151733", "#3c4170"], sea: "#1e2748", isLit: true }),
    await drawLighthouse(page, { sky: ["#8b929c", "#b9bec4"], sea: "#8a939c", isLit: false }),
  ];
  for (const [index, bytes] of pictures.entries())
    await studio.server.upload(`/api/segments/${segments[index]?.id ?? ""}/upload-image/`, [
      { name: "image", filename: "lamp.png", type: "image/png", bytes },
    ]);
  return id;
}

const light = (page: Page) => page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
const dark = (page: Page) => page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });

test("screens", async ({ page, studio }) => {
  studio.server.expect(/\[jobs\] The unit for .* failed: There is nothing to speak/);
  await light(page);

  await page.goto("/narrate");
  await expect(page.getByRole("heading", { name: "Give your story a voice" })).toBeVisible();
  await take(page, "empty");

  await page.getByRole("button", { name: /^Import a story/ }).click();
  const text = [
    "Title: The Lamp at Gull Point",
    ...STORY.map(([said, seen]) => `Text: ${said}${seen && `\nPrompt: ${seen}`}`),
  ];
  await page.getByLabel("Or paste the text").fill(text.join("\n\n"));
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("region", { name: "Segments" })).toBeVisible();
  await take(page, "import-preview");
  await page.keyboard.press("Escape");

  const lamp = await makeLamp(page, studio);
  await openTimeline(page, lamp);
  await page.getByRole("button", { name: "Generate All Audio" }).click();
  await expect(page.getByText("Generating audio... 1/5 segments complete (20%)")).toBeVisible();
  await take(page, "generating");
  await expect(page.getByText("All audio is up to date")).toBeVisible();
  await expect(page.getByRole("region", { name: /Notifications/ }).getByRole("listitem")).toHaveCount(0);
  await take(page, "ready");
  await dark(page);
  await take(page, "dark");
  await light(page);

  await page.getByRole("button", { name: /^Voice: / }).click();
  await expect(page.getByRole("gridcell").first()).toBeVisible();
  await take(page, "voices");
  await page.keyboard.press("Escape");

  await page.setViewportSize({ width: 390, height: 844 });
  await page.reload();
  await expect(card(page, 1)).toBeVisible();
  await take(page, "phone");
  await page.setViewportSize({ width: 1280, height: 800 });

  const { segments } = await studio.project(lamp);
  const idAt = (index: number) => segments[index]?.id ?? "";
  await studio.patch(idAt(1), { is_locked: true });
  await page.goto(`/narrate/${lamp}?segment=${idAt(1)}`);
  await expect(card(page, 2)).toContainText("Locked");
  await take(page, "locked");

  await studio.patch(idAt(0), { text_content: `${STORY[0][0]} Nobody had asked her to.` });
  await page.goto(`/narrate/${lamp}`);
  await expect(card(page, 1)).toContainText("Outdated");
  await take(page, "stale");

  const failing = await studio.story(["It began with a whisper.", "To be emptied."], "The Quiet Book");
  await studio.patch(failing.segments[1]?.id ?? "", { text_content: UNSPEAKABLE });
  await studio.narrate(failing.id);
  await page.goto(`/narrate/${failing.id}`);
  await expect(card(page, 2)).toContainText("Failed");
  await take(page, "failed");

  await studio.story(
    STORY.map(([said]) => said),
    "Letters from the Harbour",
  );
  const long = await studio.story(["A first word.", ENDLESS, "A last word."], "The Endless Shore");
  const task = await studio.begin(long.id);
  const waiting = await studio.begin((await studio.story(["One.", "Two."], "Small Hours")).id);
  await page.goto("/narrate");
  await expect(page.getByRole("article").filter({ hasText: "The Endless Shore" })).toContainText("1 of 3");
  await take(page, "dashboard");
  await page.getByRole("button", { name: /^Queue/ }).click();
  await expect(page.getByRole("dialog", { name: "Queue" })).toContainText("1 of 3 segments");
  await take(page, "queue");
  await studio.act(waiting, "cancel");
  await studio.act(task, "cancel");
});

/** A film of somebody who reads aloud by the sea. */
function makeFilm(picture: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), "parlando-screens-"));
  const [still, sound, film] = ["still.png", "sound.wav", "At Gull Point.mp4"].map((name) =>
    join(folder, name),
  );
  if (!still || !sound || !film) throw new Error("there is no folder to make a film in");
  writeFileSync(still, picture);
  writeFileSync(sound, longReading(1));
  const made = spawnSync("ffmpeg", [
    "-loop",
    "1",
    "-i",
    still,
    "-i",
    sound,
    "-shortest",
    "-pix_fmt",
    "yuv420p",
    film,
  ]);
  expect(made.status, String(made.stderr)).toBe(0);
  return film;
}

test("what is spoken, and the history", async ({ page, studio }) => {
  const text = STORY.slice(0, 3).map(([said]) => said);
  await light(page);
  await studio.call("POST", "/api/profiles/", { name: "Bedtime", voice: "af_bella", speed: 0.9 });
  await page.goto("/speak");
  await page.getByRole("combobox", { name: "Profile" }).selectOption({ index: 1 });
  await page.getByRole("textbox", { name: "Text", exact: true }).fill(text.join(" "));
  await page.getByRole("button", { name: "Speak", exact: true }).click();
  const result = page.getByRole("region", { name: "Speech" });
  await expect(result).toContainText("of sound");
  await result
    .getByRole("button", { name: "Play" })
    .or(result.getByRole("button", { name: "Pause" }))
    .waitFor();
  await result.getByText("clockwork", { exact: true }).click();
  await expect(result.locator("[data-current]")).toHaveText("clockwork");
  await result.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("region", { name: /Notifications/ }).getByRole("listitem")).toHaveCount(0);
  await take(page, "speak");

  for (const input of [STORY[3][0], STORY[4][0]])
    await studio.server.request("POST", "/v1/audio/speech", {
      json: { model: "tts-1", input, voice: "nova", response_format: "opus" },
    });
  await page.goto("/history");
  await page.getByRole("button", { name: /^Play: Every evening/ }).click();
  const slider = page.getByRole("slider", { name: "Position" });
  await expect(slider.locator("canvas").first()).toBeAttached();
  await slider.press("PageUp");
  await page.getByRole("button", { name: /^Pause: / }).click();
  await take(page, "history");
});

test("what is heard, and the models", async ({ page }) => {
  test.skip(isDeaf !== false, String(isDeaf));
  await light(page);
  await page.goto("/transcribe");
  const film = makeFilm(
    await drawLighthouse(page, { sky: ["#2b2a5a", "#e79a6b"], sea: "#3a4a7a", isLit: true }),
  );
  await page.getByLabel("Recordings", { exact: true }).and(page.locator("input")).setInputFiles(film);
  await expect(page.getByRole("region", { name: "Recordings" })).toContainText("Done");
  await page.getByText("leisure").click();
  await expect(page.getByRole("slider", { name: "Position" })).toHaveAttribute("aria-valuetext", /^0:0[3-9]/);
  await page.getByRole("button", { name: "Pause" }).click();
  await take(page, "transcribe");

  // Anybody's folder, and a model that is on its way without a network.
  await page.route("**/api/models/", async (route) => {
    const list = (await (await route.fetch()).json()) as Schemas["ModelList"];
    const pull = {
      model: "",
      state: "downloading",
      step: null,
      bytes_done: 61e6,
      bytes_total: 163e6,
      error: null,
    };
    const items = list.items.map((model) => (model.id === "kokoro-fp16" ? { ...model, pull } : model));
    await route.fulfill({
      json: { ...list, items, models_folder: "/home/maren/.local/share/parlando/models" },
    });
  });
  await page.goto("/models");
  await expect(page.getByRole("progressbar")).toBeVisible();
  await take(page, "models");
});
