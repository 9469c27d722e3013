import { holdFile, pasteText } from "./gestures";
import { STORY_FILE } from "./stories";
import { expect, test } from "./studio";

const LAMP = "The Lamp at Gull Point";
const FIRST = "Every evening at dusk, old Maren climbed the ninety-one steps of the lighthouse.";

test("a file is looked at before a project is made of it", async ({ page, studio }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Give your story a voice" })).toBeVisible();
  await page.getByRole("button", { name: /^Import a story/ }).click();

  const dialog = page.getByRole("dialog", { name: "Import a story" });
  await dialog
    .getByLabel("Story file")
    .setInputFiles({ name: "lamp.txt", mimeType: "text/plain", buffer: Buffer.from(STORY_FILE) });
  await expect(dialog.getByLabel("Title")).toHaveValue(LAMP);
  const segments = dialog.getByRole("region", { name: "Segments" }).getByRole("listitem");
  await expect(segments).toHaveCount(3);
  await expect(segments.first().getByText(FIRST, { exact: true })).toBeVisible();
  await expect(segments.first()).toContainText("Picture:A lighthouse on a cliff at dusk, watercolour");
  expect(await studio.call("GET", "/api/projects/"), "a preview makes nothing").toEqual([]);

  await dialog.getByRole("button", { name: "Make project" }).click();
  await expect(page).toHaveURL(/\/narrate\/[0-9a-f-]{36}/);
  await expect(page.getByRole("textbox", { name: "Text of segment 1" })).toHaveValue(FIRST);
});

test("pasted text becomes a story under a title of one's own", async ({ page, studio }) => {
  await page.goto("/narrate");
  await page.getByRole("button", { name: /^Import a story/ }).click();
  const dialog = page.getByRole("dialog", { name: "Import a story" });
  await dialog.getByLabel("Or paste the text").fill("First thought.\n\nSecond thought.");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await dialog.getByLabel("Title").fill("Thoughts");
  await dialog.getByRole("button", { name: "Make project" }).click();

  await expect(page).toHaveURL(/\/narrate\/[0-9a-f-]{36}/);
  expect(await studio.call("GET", "/api/projects/")).toMatchObject([{ title: "Thoughts", segment_count: 2 }]);
});

test("text pasted on the dashboard is offered as a story", async ({ page }) => {
  await page.goto("/narrate");
  await expect(page.getByRole("button", { name: /^Import a story/ })).toBeVisible();
  await pasteText(page.getByRole("main"), STORY_FILE);
  await expect(page.getByRole("dialog", { name: "Import a story" }).getByLabel("Title")).toHaveValue(LAMP);
});

test("a file dropped anywhere on the dashboard is shown, and can be changed for another", async ({
  page,
}) => {
  await page.goto("/narrate");
  await expect(page.getByRole("button", { name: /^Import a story/ })).toBeVisible();
  const drop = await holdFile(page.getByRole("main"), {
    name: "lamp.txt",
    type: "text/plain",
    content: STORY_FILE,
  });
  await expect(page.getByText("Drop the story here")).toBeVisible();
  await drop();

  const dialog = page.getByRole("dialog", { name: "Import a story" });
  await expect(page.getByText("Drop the story here")).toBeHidden();
  await expect(dialog.getByLabel("Title")).toHaveValue(LAMP);
  await dialog.getByRole("button", { name: "Choose another story" }).click();
  await expect(dialog.getByLabel("Or paste the text")).toBeVisible();
});

test("what cannot be imported is refused with the server's reason", async ({ page, problems }) => {
  problems.allow(/^answer: POST \/api\/projects\/preview\/ 400$/);
  await page.goto("/narrate");
  await page.getByRole("button", { name: /^Import a story/ }).click();
  const dialog = page.getByRole("dialog", { name: "Import a story" });
  await dialog.getByLabel("Story file").setInputFiles({
    name: "broken.json",
    mimeType: "application/json",
    buffer: Buffer.from('{"segments": ['),
  });
  await expect(dialog.getByRole("alert")).toContainText("broken.json cannot be imported");
  await dialog.getByRole("button", { name: "Choose another story" }).click();
  await expect(dialog.getByLabel("Or paste the text")).toBeVisible();
});

test("the sample story is there for the first try", async ({ page }) => {
  await page.goto("/narrate");
  await page.getByRole("button", { name: /^Try the sample story/ }).click();
  await expect(page).toHaveURL(/\/narrate\/[0-9a-f-]{36}/);
  await expect(page.getByRole("textbox", { name: "Text of segment 1" })).not.toHaveValue("");
});
