import { jpeg, png } from "../../../tests/api/fixtures.mjs";
import { holdFile } from "./gestures";
import { SHORT } from "./stories";
import { expect, test } from "./studio";
import { card, openTimeline } from "./timeline";

test("a picture is dropped on a card, replaced, and removed", async ({ page, studio }) => {
  const { id, segments } = await studio.story(SHORT);
  await openTimeline(page, id);
  const drop = await holdFile(card(page, 2), { name: "bird.png", type: "image/png", content: png });
  await drop();
  const picture = card(page, 2).getByRole("img", { name: "Picture of segment 2" });
  await expect(picture).toBeVisible();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(2);
  const file = async () => (await studio.segment(segments[1]?.id ?? "")).image_file;
  expect(await file()).toMatch(/\.png$/);

  await picture.hover();
  const chooser = page.waitForEvent("filechooser");
  await card(page, 2).getByRole("button", { name: "Replace picture of segment 2" }).click();
  await (await chooser).setFiles({ name: "bird.jpg", mimeType: "image/jpeg", buffer: jpeg });
  await expect.poll(file).toMatch(/\.jpg$/);

  await picture.hover();
  await card(page, 2).getByRole("button", { name: "Remove picture of segment 2" }).click();
  await expect(picture).toBeHidden();
  await expect.poll(file).toBeNull();
});

test("what is no picture is refused, and says so", async ({ page, studio, problems }) => {
  problems.allow(/^answer: POST \/api\/segments\/\S+\/upload-image\/ 400$/);
  const { id } = await studio.story(SHORT);
  await openTimeline(page, id);
  const drop = (name: string, type: string) => holdFile(card(page, 1), { name, type, content: "no picture" });
  await (
    await drop("notes.txt", "text/plain")
  )();
  await expect(card(page, 1).getByRole("alert")).toContainText("Only PNG, JPEG and WebP");
  await (
    await drop("liar.png", "image/png")
  )();
  await expect(card(page, 1).getByRole("alert")).not.toContainText(
    "Only PNG, JPEG and WebP pictures can be used.",
  );
  await expect(card(page, 1).getByRole("alert")).toBeVisible();
});
