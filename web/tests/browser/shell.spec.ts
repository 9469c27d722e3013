import { SHORT } from "./stories";
import { expect, test } from "./studio";

test("the page opens at its dashboard, in a tab that says so", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/narrate\/?$/);
  await expect(page).toHaveTitle("Projects · Parlando");
  await expect(page.getByRole("link", { name: "Narrate" })).toHaveAttribute("aria-current", "page");
});

test("a project that is not there is said to be missing, with a way back", async ({ page, problems }) => {
  problems.allow(/^answer: GET \/api\/projects\/0{8}-\S+ 404$/);
  await page.goto("/narrate/00000000-0000-4000-8000-000000000000");
  await page.getByRole("main").getByRole("link").click();
  await expect(page.getByRole("heading", { name: "Give your story a voice" })).toBeVisible();
});

test("the theme is chosen, remembered, and follows the system when asked to", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/");
  const root = page.locator("html");
  await expect(root).toHaveClass(/light/);
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect(root).toHaveClass(/dark/);
  await page.reload();
  await expect(root).toHaveClass(/dark/);

  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitemradio", { name: "As the system" }).click();
  await expect(root).toHaveClass(/light/);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(root).toHaveClass(/dark/);
});

test("the question mark lists the shortcuts of the page one is on", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT);
  await page.goto("/narrate");
  await page.getByRole("link", { name: "A story" }).waitFor();
  await page.keyboard.press("Shift+?");
  const overlay = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(overlay.getByText("New project")).toBeVisible();
  await expect(overlay.getByText("Show the queue")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(overlay).toBeHidden();

  await page.goto(`/narrate/${id}`);
  await page.getByRole("button", { name: "Generate All Audio" }).waitFor();
  await page.keyboard.press("Shift+?");
  await expect(overlay.getByText("Play or pause")).toBeVisible();
  await expect(overlay.getByText("New project")).toBeHidden();
});

test("shortcuts rest while one types", async ({ page, studio }) => {
  await studio.story(SHORT);
  await page.goto("/narrate");
  const search = page.getByRole("textbox", { name: "Search projects" });
  await search.fill("");
  await search.pressSequentially("nqt?");
  await expect(search).toHaveValue("nqt?");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("the keyboard alone reaches the content and opens a project", async ({ page, studio }) => {
  const { id } = await studio.story(SHORT);
  await page.goto("/narrate");
  await page.getByRole("link", { name: "A story" }).waitFor();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  for (let i = 0; i < 4; i++) await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "A story" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(id));
});
