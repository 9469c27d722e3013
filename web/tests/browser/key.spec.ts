import { SHORT } from "./stories";
import { expect, test } from "./studio";

const KEY = "correct-horse-battery";

test.use({ server: { args: ["--api-key", KEY], key: KEY } });

test("a server with a key asks for it once; then everything works", async ({ page, studio, problems }) => {
  problems.allow(/^answer: \w+ \/api\/\S* 401$/);
  const { id } = await studio.story(SHORT);
  await page.goto(`/narrate/${id}`);
  const dialog = page.getByRole("dialog", { name: "Key needed" });
  await dialog.getByLabel("API key").fill("wrong");
  await dialog.getByRole("button", { name: "Continue" }).click();
  await expect(dialog.getByRole("alert")).toContainText("That is not the key");

  await dialog.getByLabel("API key").fill(KEY);
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("img", { name: "Connected" }), "events flow").toBeVisible();
  await page.getByRole("button", { name: "Generate All Audio" }).click();
  await expect(page.getByText("All audio is up to date")).toBeVisible();
  await page.getByRole("button", { name: "Play all" }).click();
  await expect(page.getByRole("button", { name: "Pause" }).first(), "media are let through").toBeVisible();

  await page.reload();
  await expect(page.getByText("All audio is up to date")).toBeVisible();
  await expect(dialog).toBeHidden();

  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(dialog).toBeVisible();
});
