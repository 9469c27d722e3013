/** The Models tab: what it gets comes from a server on this machine, after a catalogue of the test's own. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { ears, isDeaf } from "../../../tests/api/real_speech.mjs";
import { expectAccessible } from "./axe";
import { expectNoSidewaysScrolling } from "./narrow";
import { expect, type Studio, test as base } from "./studio";

const SIZE = 300_000;
const content = Buffer.alloc(SIZE, "Parlando ");
const sha256 = createHash("sha256").update(content).digest("hex");

/** Where models come from. */
interface Source {
  /** Whether the answer to /slow stops in its middle until release() is called. */
  release: () => void;
  /** From now on /flaky has its file. */
  mend: () => void;
  env: Record<string, string>;
}

const model = (origin: string, id: string, path: string, more: object = {}) => ({
  id,
  engine: "piper",
  name: `The ${id} voice`,
  licence: "MIT",
  languages: "en-us",
  files: [{ path: `${id}/model.bin`, size: SIZE, sha256, sources: [{ https: origin + path }] }],
  ...more,
});

/** As many as Piper has voices. */
const crowd = (origin: string) =>
  Array.from({ length: 120 }, (_, place) =>
    model(origin, `crowd-${place}`, "/alpha", { languages: place % 2 ? "de" : "pt-br" }),
  );

async function openSource(): Promise<Source & { close: () => void }> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let isMended = false;
  const send = async (url: string, answer: http.ServerResponse) => {
    if (url === "/flaky" && !isMended) return answer.writeHead(404).end();
    answer.writeHead(200, { "Content-Length": SIZE });
    if (url !== "/slow") return answer.end(content);
    answer.write(content.subarray(0, SIZE / 2));
    await released;
    return answer.end(content.subarray(SIZE / 2));
  };
  const server = http.createServer(({ url = "" }, answer) => void send(url, answer));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const home = mkdtempSync(join(tmpdir(), "parlando-models-"));
  const models = [
    model(origin, "alpha", "/alpha", { default: true, needs: ["letters"] }),
    model(origin, "letters", "/letters"),
    model(origin, "slow", "/slow"),
    model(origin, "flaky", "/flaky"),
    ...crowd(origin),
  ];
  mkdirSync(join(home, "models"));
  writeFileSync(join(home, "catalogue.json"), JSON.stringify({ packages: {}, models }));
  return {
    release,
    mend: () => (isMended = true),
    env: { PARLANDO_CATALOGUE: join(home, "catalogue.json"), PARLANDO_MODELS: join(home, "models") },
    close: () => {
      release();
      server.closeAllConnections();
      server.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const test = base.extend<{ source: Source }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads in the pattern what a fixture needs
  source: async ({}, provide) => {
    const source = await openSource();
    await provide(source);
    source.close();
  },
  server: async ({ source }, provide) => provide({ env: source.env }),
});

const row = (page: Page, name: string) => page.getByRole("article", { name: new RegExp(`^${name}`) });
const toasts = (page: Page) => page.getByRole("region", { name: /Notifications/ });

async function open(page: Page, search = ""): Promise<void> {
  await page.goto(`/models/${search && `?search=${search}`}`);
  await expect(page.getByRole("status").filter({ hasText: /models?$/ })).toBeVisible();
}

test("a model is got with what it needs, checked, and removed again", async ({ page }) => {
  await open(page);
  await expect(page.getByText(/^No models yet · /)).toBeVisible();
  const alpha = row(page, "The alpha voice");
  await expect(alpha).toContainText("Recommended");
  await alpha.getByRole("button", { name: "Get The alpha voice, 300 kB" }).click();
  await expect(toasts(page)).toContainText("The alpha voice is ready.");
  await expect(alpha).toContainText("Installed");
  await expect(row(page, "The letters voice")).toContainText("Installed");
  await expect(page.getByText(/^2 models installed · 600 kB/)).toBeVisible();

  await alpha.getByRole("button", { name: "More about The alpha voice" }).click();
  await page.getByRole("menuitem", { name: "Check its files" }).click();
  await expect(toasts(page)).toContainText("The alpha voice is whole");

  await row(page, "The letters voice").getByRole("button", { name: "More about The letters voice" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  const confirm = page.getByRole("alertdialog", { name: "Remove “The letters voice”?" });
  await expect(confirm).toContainText("It is needed by The alpha voice.");
  await confirm.getByRole("button", { name: "Cancel" }).click();

  await alpha.getByRole("button", { name: "More about The alpha voice" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await expect(page.getByRole("alertdialog")).toContainText(
    "The letters voice goes with it: nothing else needs it. This frees 600 kB.",
  );
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await expect(alpha.getByRole("button", { name: /^Get / })).toBeVisible();
  await expect(page.getByText(/^No models yet · /)).toBeVisible(); // what only it needed is gone, too
});

test("files that were changed are told, and what is half there can be completed", async ({
  page,
  source,
}) => {
  await open(page, "slow");
  const slow = row(page, "The slow voice");
  await slow.getByRole("button", { name: /^Get / }).click();
  await expect(slow.getByRole("progressbar")).toHaveAttribute("aria-valuetext", /./);
  await expect(slow).toContainText("150 kB of 300 kB");
  source.release();
  await expect(slow).toContainText("Installed");
  writeFileSync(join(source.env.PARLANDO_MODELS ?? "", "slow", "model.bin"), Buffer.alloc(SIZE, "Damaged "));
  await slow.getByRole("button", { name: "More about The slow voice" }).click();
  await page.getByRole("menuitem", { name: "Check its files" }).click();
  await expect(slow.getByRole("alert")).toContainText("model.bin");
});

test("getting is cancelled, told in another tab, and goes on from there", async ({
  page,
  context,
  source,
}) => {
  const other = await context.newPage();
  await open(page, "slow");
  await open(other, "slow");
  const slow = row(page, "The slow voice");
  await slow.getByRole("button", { name: /^Get / }).click();
  await expect(row(other, "The slow voice")).toContainText("150 kB of 300 kB");
  await row(other, "The slow voice").getByRole("button", { name: "Cancel getting The slow voice" }).click();
  await expect(slow).toContainText("Incomplete");
  await slow.getByRole("button", { name: "Get the rest of The slow voice" }).click();
  source.release();
  await expect(slow).toContainText("Installed");
});

test("what fails says why, and can be tried again", async ({ page, source, studio }) => {
  studio.server.expect(/flaky/);
  await open(page, "flaky");
  const flaky = row(page, "The flaky voice");
  await flaky.getByRole("button", { name: /^Get / }).click();
  await expect(flaky.getByRole("alert")).toContainText("It could not be fetched: ");
  await expect(flaky.getByRole("alert")).toContainText("404");
  source.mend();
  await flaky.getByRole("button", { name: "Try again" }).click();
  await expect(flaky).toContainText("Installed");
  await expect(flaky.getByRole("alert")).toHaveCount(0);
});

test("one is found among many, by words that stand in the address", async ({ page }) => {
  await open(page);
  const count = page.getByRole("status").filter({ hasText: /models?$/ });
  await expect(count).toHaveText("125 models");
  await page.keyboard.press("/");
  await page.keyboard.type("brazilian crowd 42");
  await expect(count).toHaveText("1 model");
  await expect(page).toHaveURL(/search=brazilian/);
  await page.reload();
  await expect(row(page, "The crowd-42 voice")).toBeVisible();
  await page.getByRole("textbox", { name: "Search models" }).fill("");
  await page.getByRole("checkbox", { name: "Only installed ones" }).check();
  await expect(count).toHaveText("1 model");
  await expect(row(page, "eSpeak")).toBeVisible();
  await expect(page).toHaveURL(/\/models\/?\?show=installed$/);
});

test("nobody is told of a better voice where there is none to get", async ({ page }) => {
  const models = page.waitForResponse("**/api/models/");
  await page.goto("/narrate");
  await (await models).finished();
  await expect(page.getByRole("heading", { name: "Give your story a voice" })).toBeVisible();
  await expect(page.getByRole("complementary", { name: "Better voices" })).toHaveCount(0);
});

const SCENES: Record<string, (page: Page, studio: Studio) => Promise<void>> = {
  "the list": (page) => open(page, "alpha"),
  "a model on its way": async (page) => {
    await open(page, "slow");
    await row(page, "The slow voice").getByRole("button", { name: /^Get / }).click();
    await expect(page.getByRole("progressbar")).toBeVisible();
  },
  "one that failed, with its details": async (page, studio) => {
    studio.server.expect(/flaky/);
    await open(page, "flaky");
    await row(page, "The flaky voice").getByRole("button", { name: /^Get / }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await page.getByRole("button", { name: "Details of The flaky voice" }).click();
    await expect(page.getByText("Inputs and outputs are known once it is installed.")).toBeVisible();
  },
};

for (const [name, scene] of Object.entries(SCENES))
  test(`axe finds nothing wrong with ${name}, and it fits a phone`, async ({ page, studio }) => {
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await scene(page, studio);
    await expectAccessible(page, "in light");
    await page.emulateMedia({ colorScheme: "dark" });
    await expect(page.locator("html")).toHaveClass(/dark/);
    await expectAccessible(page, "in dark");
    await page.setViewportSize({ width: 360, height: 740 });
    await expectNoSidewaysScrolling(page);
  });

base.describe("with the models of this machine", () => {
  base.skip(isDeaf !== false, String(isDeaf));
  base.use({ server: { env: isDeaf ? {} : ears } });

  base("one is loaded, tells what goes in and comes out, and is unloaded", async ({ page }) => {
    await open(page, "moonshine");
    const moonshine = row(page, "Moonshine tiny");
    await expect(moonshine).toContainText("Installed");
    await moonshine.getByRole("button", { name: "Load Moonshine tiny, speech to text", exact: true }).click();
    await expect(moonshine.getByRole("button", { name: /^Unload / })).toBeVisible();
    await expect(moonshine).toContainText("Loaded");
    await moonshine.getByRole("button", { name: /^Details of / }).click();
    await expect(moonshine.getByRole("region", { name: "Inputs" }).getByRole("row").nth(1)).toBeVisible();
    await expectAccessible(page, "with details");
    await page.setViewportSize({ width: 360, height: 740 });
    await expectNoSidewaysScrolling(page);
    await moonshine.getByRole("button", { name: /^Unload / }).click();
    await expect(moonshine).not.toContainText("Loaded");
  });
});

base(
  "where only eSpeak speaks, a better voice is suggested until one does not want to hear of it",
  async ({ page }) => {
    await page.goto("/narrate");
    const hint = page.getByRole("complementary", { name: "Better voices" });
    await hint.getByRole("link", { name: /^Get Kokoro 82M v1.0 \(fp32\)/ }).click();
    await expect(page).toHaveURL(/\/models#model-kokoro$/);
    await expect(row(page, "Kokoro 82M v1.0 \\(fp32\\)")).toBeInViewport();
    await page.goto("/narrate");
    await hint.getByRole("button", { name: "Do not show this again" }).click();
    await expect(hint).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole("heading", { name: "Give your story a voice" })).toBeVisible();
    await expect(hint).toHaveCount(0);
  },
);
