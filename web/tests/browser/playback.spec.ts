import { watchChanges } from "./changes";
import { lasting, SHORT, sentences } from "./stories";
import { heard, lastHeard, sounding, sounds, watchSound } from "./sound";
import { expect, test } from "./studio";
import { card, footer, openTimeline } from "./timeline";

test.beforeEach(({ page }) => watchSound(page));

test("a recording really plays, rests and goes on where it was", async ({ page, studio }) => {
  const { id } = await studio.story([lasting("A sentence.")]);
  await studio.narrate(id);
  await openTimeline(page, id);
  await card(page, 1).getByRole("button", { name: "Play" }).click();
  await expect.poll(() => heard(page)).toBeGreaterThan(0.4);
  await card(page, 1).getByRole("button", { name: "Pause" }).click();
  await expect.poll(() => sounding(page)).toBeNull();
  const rested = await lastHeard(page);
  await card(page, 1).getByRole("button", { name: "Play" }).click();
  await expect.poll(() => heard(page)).toBeGreaterThan(rested);
  await card(page, 1).getByRole("slider", { name: "Position" }).press("End");
  await expect(card(page, 1).getByRole("button", { name: "Play" }), "it ends").toBeVisible();
});

test("play all goes from card to card and marks the one that sounds", async ({ page, studio }) => {
  const { id, segments } = await studio.story(SHORT);
  await studio.narrate(id);
  await openTimeline(page, id);
  const marked = await watchChanges(page, `article:has([aria-label="Pause"])`);
  const numbers = await watchChanges(page, `[role="group"][aria-label="Play all"] > span`);
  await footer(page).getByRole("button", { name: "Play all" }).click();
  const end = { timeout: 30_000 };
  await expect.poll(marked, end).toEqual(["Segment 1", "Segment 2", "Segment 3"]);
  await expect(footer(page).getByRole("button", { name: "Play all" })).toBeVisible(end);
  expect(await numbers()).toEqual(["1 / 3", "2 / 3", "3 / 3"]);
  const heardInOrder = (await sounds(page)).map(({ path }) =>
    segments.findIndex(({ id }) => path.includes(id)),
  );
  expect(heardInOrder).toEqual([0, 1, 2]);
});

test("next and previous move between recordings, past those without audio", async ({ page, studio }) => {
  const { id, segments } = await studio.story(sentences(3).map(lasting));
  await studio.narrate(id);
  await studio.patch(segments[1]?.id ?? "", { text_content: "" });
  await openTimeline(page, id);
  await footer(page).getByRole("button", { name: "Play all" }).click();
  await expect(footer(page)).toContainText("1 / 3");
  await footer(page).getByRole("button", { name: "Next recording" }).click();
  await expect(footer(page)).toContainText("2 / 3");
  await footer(page).getByRole("button", { name: "Previous recording" }).click();
  await expect(footer(page)).toContainText("1 / 3");
  await footer(page).getByRole("button", { name: "Stop" }).click();
  await expect(footer(page)).not.toContainText("1 / 3");
  expect(await sounding(page)).toBeNull();
});

test("the waveform moves within the recording, by pointer and by key", async ({ page, studio }) => {
  const { id, segments } = await studio.story([lasting("A sentence.")]);
  await studio.narrate(id);
  const { audio_duration: duration } = await studio.segment(segments[0]?.id ?? "");
  await openTimeline(page, id);
  const position = card(page, 1).getByRole("slider", { name: "Position" });
  await card(page, 1).getByRole("button", { name: "Play" }).click();
  await expect.poll(() => heard(page)).toBeGreaterThan(0);

  const box = await position.boundingBox();
  await position.click({ position: { x: (box?.width ?? 0) / 2, y: 10 } });
  await expect.poll(() => heard(page)).toBeGreaterThan((duration ?? 0) / 2 - 0.5);
  await position.press("Home");
  await expect.poll(() => heard(page)).toBeLessThan(3);
  await position.press("PageUp");
  await expect.poll(() => heard(page)).toBeGreaterThan(4.5);
});

test("space plays the current card, shortcuts move on", async ({ page, studio }) => {
  const { id, segments } = await studio.story(sentences(2).map(lasting));
  await studio.narrate(id);
  await openTimeline(page, id);
  await page.keyboard.press("j");
  await expect(card(page, 1)).toBeFocused();
  await page.keyboard.press("j");
  await expect(card(page, 2)).toBeFocused();
  await page.keyboard.press("Space");
  await expect.poll(async () => (await sounding(page))?.path ?? "").toContain(segments[1]?.id);
  await page.keyboard.press("Space");
  await expect.poll(() => sounding(page)).toBeNull();
});

test("a recording that is gone is told of, not a silent player", async ({ page, studio, problems }) => {
  problems.allow(
    /^answer: (GET|HEAD) \/media\/\S+ 404$/,
    /^answer: GET \/api\/segments\/\S+\/peaks\/\S* 404$/,
  );
  const { id } = await studio.story(SHORT);
  await studio.narrate(id);
  await page.route("**/media/**", (route) => route.fulfill({ status: 404, body: "" }));
  await openTimeline(page, id);
  await card(page, 1).getByRole("button", { name: "Play" }).click();
  await expect(card(page, 1).getByRole("alert")).toContainText("The recording is not there any more.");
});

test("a voice is heard before it is chosen, and its choice is kept", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT);
  await openTimeline(page, id);
  await page.getByRole("button", { name: /^Voice: / }).click();
  const picker = page.getByRole("dialog", { name: "Voice and speed" });
  await picker.getByRole("combobox", { name: "Search voices" }).fill("french france");
  const voice = picker
    .getByRole("row")
    .filter({ has: page.getByRole("gridcell") })
    .first();
  await voice.getByRole("button", { name: /^Listen to/ }).click();
  await expect.poll(() => lastHeard(page)).toBeGreaterThan(0);
  await voice.getByRole("gridcell").first().click();
  await expect(voice).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Escape");
  await page.reload();
  await expect(page.getByRole("button", { name: /^Voice: .*French/ })).toBeVisible();
});
