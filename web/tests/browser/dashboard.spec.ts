import { SHORT } from "./stories";
import { expect, test } from "./studio";

test("a new project begins empty and under its title", async ({ page }) => {
  await page.goto("/narrate");
  await page.getByRole("button", { name: /^Start empty/ }).click();
  const dialog = page.getByRole("dialog", { name: "New project" });
  await dialog.getByLabel("Title").fill("The sea");
  await dialog.getByRole("button", { name: "Create project" }).click();
  await expect(page).toHaveURL(/\/narrate\/[0-9a-f-]{36}/);
  await expect(page).toHaveTitle("The sea · Parlando");
});

test("a card tells what a project holds and leads to it", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT, "Bells");
  await studio.narrate(id);
  await page.goto("/narrate");
  const card = page.getByRole("article").filter({ hasText: "Bells" });
  await expect(card).toContainText("3 segments · 3 with audio");
  await expect(card).toContainText("Completed");
  await card.getByRole("link", { name: "Bells" }).click();
  await expect(page).toHaveURL(new RegExp(`/narrate/${id}`));
});

test("a project is renamed", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT, "Bells");
  await page.goto("/narrate");
  await page.getByRole("button", { name: "Rename or delete “Bells”" }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByRole("dialog").getByLabel("Title").fill("Two birds");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: "Two birds" })).toBeVisible();
  expect((await studio.project(id)).title).toBe("Two birds");
});

test("a project is deleted once it was confirmed, with its recordings", async ({ page, studio }) => {
  const kept = await studio.story(SHORT, "Kept");
  const gone = await studio.story(SHORT, "Gone");
  await studio.narrate(gone.id);
  await page.goto("/narrate");

  const ask = async () => {
    await page.getByRole("button", { name: "Rename or delete “Gone”" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
  };
  const question = page.getByRole("alertdialog", { name: "Delete “Gone”?" });
  await ask();
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("link", { name: "Gone" })).toBeVisible();

  await ask();
  await question.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("“Gone” was deleted")).toBeVisible();
  await expect(page.getByRole("link", { name: "Gone" })).toBeHidden();
  await expect(page.getByRole("link", { name: "Kept" })).toBeVisible();
  expect(await studio.call("GET", "/api/projects/")).toMatchObject([{ id: kept.id }]);
});

test("the search finds by title and says when it finds nothing", async ({ page, studio }) => {
  await studio.story(SHORT, "The bell");
  await studio.story(SHORT, "Two birds");
  await page.goto("/narrate");
  await page.getByRole("link", { name: "Two birds" }).waitFor();
  await page.keyboard.press("/");
  await expect(page.getByRole("textbox", { name: "Search projects" })).toBeFocused();
  await page.keyboard.type("bell");
  await expect(page.getByRole("link", { name: "Two birds" })).toBeHidden();
  await expect(page.getByRole("link", { name: "The bell" })).toBeVisible();
  await page.keyboard.type("ows");
  await expect(page.getByRole("heading", { name: "No title contains “bellows”" })).toBeVisible();
  await page.getByRole("button", { name: "Show all projects" }).click();
  await expect(page.getByRole("article")).toHaveCount(2);
});
