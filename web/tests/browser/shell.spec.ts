import { expect, test } from "./studio";

test("the page opens at its dashboard", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/narrate\/?$/);
});
