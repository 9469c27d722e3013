import { SHORT } from "./stories";
import { expect, test } from "./studio";
import { card, openTimeline } from "./timeline";

test("a server that is gone is told of, and so is its return", async ({ page, studio, problems }) => {
  problems.allow(/^request: \w+ \S+ net::ERR_(CONNECTION_|EMPTY_|INCOMPLETE_|INTERNET_)/);
  const { id } = await studio.story(SHORT);
  await openTimeline(page, id);
  await studio.kill();
  await expect(page.getByText("Connection lost. Trying again…")).toBeVisible();
  await expect(page.getByRole("img", { name: "Connection lost" })).toBeVisible();

  await card(page, 1).getByRole("button", { name: "Generate Audio" }).click();
  await expect(card(page, 1).getByRole("alert")).toContainText("The server cannot be reached.");

  await studio.restart();
  await expect(page.getByText("Connection lost. Trying again…")).toBeHidden();
  await expect(page.getByRole("img", { name: "Connected" })).toBeVisible();
});

test("what changed while the server was away is shown when it is back", async ({
  page,
  studio,
  problems,
}) => {
  problems.allow(/^request: \w+ \S+ net::ERR_(CONNECTION_|EMPTY_|INCOMPLETE_|INTERNET_)/);
  const { id, segments } = await studio.story(SHORT);
  await openTimeline(page, id);
  await page.context().setOffline(true);
  await studio.patch(segments[0]?.id ?? "", { is_locked: true });
  await studio.kill();
  await studio.restart();
  await page.context().setOffline(false);
  await expect(card(page, 1)).toContainText("Locked");
});
