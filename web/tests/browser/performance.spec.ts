/**
 * What a person would feel. The figures are printed; the bounds are generous, since they hold on busy machines
 * too, and would still be broken by rendering all of a long story at each key.
 */
import type { Page, TestInfo } from "@playwright/test";
import { sentences } from "./stories";
import { expect, type Studio, test } from "./studio";
import { card, footer, openTimeline, textOf } from "./timeline";

const SEGMENTS = 500;
const PARAGRAPH =
  "The lamp was lit, and the fog answered with its horn; nobody on the island slept that night. ";

test.describe.configure({ mode: "serial" }); // measurements do not share the machine with each other

function tell(info: TestInfo, what: string, figure: string): void {
  info.annotations.push({ type: what, description: figure });
  console.log(`  ${what}: ${figure}`);
}

test("the first visit loads under 300 kB of script", async ({ page }, info) => {
  const sizes: Promise<number>[] = [];
  page.on("requestfinished", (request) => {
    if (request.resourceType() === "script")
      sizes.push(request.sizes().then((size) => size.responseBodySize));
  });
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Give your story a voice" })).toBeVisible();
  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  tell(info, "first load, compressed script", `${(total / 1000).toFixed(0)} kB`);
  expect(total).toBeGreaterThan(0);
  expect(total).toBeLessThan(300_000);
});

/** A story of many segments that has all its audio: the heaviest cards there are. */
async function openLongStory(page: Page, studio: Studio): Promise<void> {
  const { id } = await studio.story(
    sentences(SEGMENTS).map((text) => text + " " + PARAGRAPH),
    "A long one",
  );
  await studio.narrate(id);
  await openTimeline(page, id);
  await expect(card(page, 1).getByRole("button", { name: "Play" })).toBeVisible();
  await expect(footer(page)).toContainText("All audio is up to date");
}

declare global {
  interface Window {
    interactions: { name: string; duration: number }[];
    longTasks: number[];
  }
}

/** The browser's own measure: from the event to the next paint that shows its effect (in steps of 8 ms). */
async function watchInteractions(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.interactions = [];
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { interactionId: number })[])
        if (entry.interactionId > 0) window.interactions.push({ name: entry.name, duration: entry.duration });
    }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longTasks.push(duration);
    }).observe({ type: "longtask" });
  });
}

/** Two frames: what was done is painted, and its measure is delivered. */
const painted = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<void>((done) =>
        requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(() => done()))),
      ),
  );

/** The median of the times that an interaction took; those under 16 ms are not told by the browser. */
async function interactionTime(page: Page, act: () => Promise<void>, times: number): Promise<number> {
  const measured: number[] = [];
  for (let i = 0; i < times; i++) {
    await page.evaluate(() => (window.interactions = []));
    await act();
    await painted(page);
    measured.push(await page.evaluate(() => Math.max(0, ...window.interactions.map((one) => one.duration))));
  }
  return measured.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}

test("with 500 segments everything answers within 100 ms", async ({ page, studio }, info) => {
  await watchInteractions(page);
  await openLongStory(page, studio);
  const lock = card(page, 1).getByRole("button", { name: /^(L|Unl)ock segment$/ });
  const menu = page.getByRole("button", { name: "More about segment 2" });
  const play = card(page, 1).getByRole("button", { name: /^(Play|Pause)$/ });

  const figures: Record<string, number> = {};
  await textOf(page, 2).click();
  figures["typing a character"] = await interactionTime(page, () => page.keyboard.press("x"), 9);
  figures["locking"] = await interactionTime(page, () => lock.click(), 6);
  figures["opening a menu"] = await interactionTime(
    page,
    async () => {
      await menu.click();
      await expect(page.getByRole("menu")).toBeVisible();
      await page.keyboard.press("Escape");
    },
    5,
  );
  figures["starting to play"] = await interactionTime(page, () => play.click(), 6);
  for (const [what, time] of Object.entries(figures))
    tell(info, `${what}, ${SEGMENTS} segments`, time < 16 ? "under 16 ms" : `${time} ms`);
  expect(Math.max(...Object.values(figures))).toBeLessThan(100);
});

test("500 segments scroll without long pauses, and only what is near exists", async ({
  page,
  studio,
}, info) => {
  await watchInteractions(page);
  await openLongStory(page, studio);
  const devtools = await page.context().newCDPSession(page);
  const heap = async () => {
    await devtools.send("HeapProfiler.collectGarbage");
    const { metrics } = await devtools.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? 0) / 2 ** 20;
  };
  /** By the wheel through the whole story, and back to its beginning. */
  const scrollThrough = async () => {
    await card(page, 1).hover();
    for (let i = 0; i < 120; i++) {
      await page.mouse.wheel(0, 1200);
      await painted(page);
    }
    await expect(card(page, SEGMENTS)).toBeVisible();
    const shown = await page.getByRole("article").count();
    await page.keyboard.press("Home");
    await page.mouse.wheel(0, -1_000_000);
    await expect(card(page, 1)).toBeVisible();
    return shown;
  };

  await devtools.send("Performance.enable");
  await page.evaluate(() => (window.longTasks = []));
  const shown = await scrollThrough();
  const longest = await page.evaluate(() => Math.max(0, ...window.longTasks));
  tell(info, "longest task while scrolling", `${longest.toFixed(0)} ms`);
  tell(info, "cards that exist at a time", String(shown));
  const before = await heap();
  await scrollThrough();
  const after = await heap();
  tell(
    info,
    "memory of script after scrolling through, and again",
    `${before.toFixed(1)} MiB, ${after.toFixed(1)} MiB`,
  );
  expect(longest).toBeLessThan(200);
  expect(shown).toBeLessThan(40);
  expect(after).toBeLessThan(before * 1.2 + 4);
});

test("visiting a story again and again does not pile up", async ({ page, studio }, info) => {
  const { id } = await studio.story(sentences(30));
  await studio.narrate(id);
  await openTimeline(page, id);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const measure = async () => {
    await devtools.send("HeapProfiler.collectGarbage");
    const { metrics } = await devtools.send("Performance.getMetrics");
    const value = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? 0;
    return {
      heap: value("JSHeapUsedSize") / 2 ** 20,
      nodes: value("Nodes"),
      listeners: value("JSEventListeners"),
    };
  };
  const visit = async () => {
    await page.getByRole("link", { name: "All projects" }).click();
    await page.getByRole("link", { name: "A story" }).click();
    await expect(card(page, 1)).toBeVisible();
  };
  for (let i = 0; i < 3; i++) await visit();
  const before = await measure();
  for (let i = 0; i < 10; i++) await visit();
  const after = await measure();
  const told = ({ heap, nodes, listeners }: typeof before) =>
    `${heap.toFixed(1)} MiB, ${nodes} nodes, ${listeners} listeners`;
  tell(info, "before ten visits", told(before));
  tell(info, "after ten visits", told(after));
  expect(after.heap).toBeLessThan(before.heap * 1.2 + 4);
  expect(after.nodes).toBeLessThan(before.nodes * 1.3 + 500);
  expect(after.listeners).toBeLessThan(before.listeners * 1.3 + 100);
});
