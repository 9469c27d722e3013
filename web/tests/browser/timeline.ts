/** The timeline as its readers know it: cards with names, and what is in them. */
import { expect, type Locator, type Page } from "@playwright/test";

/** Opens a project and waits until it is there. */
export async function openTimeline(page: Page, projectId: string): Promise<void> {
  await page.goto(`/narrate/${projectId}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("img", { name: "Connected" })).toBeVisible();
}

export const card = (page: Page, number: number): Locator =>
  page.getByRole("article", { name: `Segment ${number}`, exact: true });

export const textOf = (page: Page, number: number): Locator =>
  page.getByRole("textbox", { name: `Text of segment ${number}`, exact: true });

export const footer = (page: Page): Locator => page.getByRole("region", { name: "Audio of all segments" });

/** What a card's badge says of its audio. */
export const READY = /^Ready \(\d+\.\ds\)$/;

export async function expectReady(page: Page, ...numbers: number[]): Promise<void> {
  for (const number of numbers) await expect(card(page, number).getByText(READY)).toBeVisible();
}

/** Chooses from a card's menu. */
export async function choose(page: Page, number: number, action: string): Promise<void> {
  await page.getByRole("button", { name: `More about segment ${number}`, exact: true }).click();
  await page.getByRole("menuitem", { name: action }).click();
}
