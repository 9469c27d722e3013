/** What has to fit a phone. */
import { expect, type Page } from "@playwright/test";

/** Neither the page nor anything in it that scrolls only up and down is wider than it shows. */
export async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const scrollers = [...document.querySelectorAll("*")].filter((element) => {
      const { overflowX, overflowY } = getComputedStyle(element);
      return (
        overflowY === "auto" ||
        overflowY === "scroll" ||
        (element === document.documentElement && overflowX !== "hidden")
      );
    });
    return scrollers
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map(
        (element) =>
          `${element.tagName}.${element.className}: ${element.scrollWidth} > ${element.clientWidth}`,
      );
  });
  expect(wide).toEqual([]);
  expect(await page.evaluate(() => window.visualViewport?.width)).toBe(360);
}
