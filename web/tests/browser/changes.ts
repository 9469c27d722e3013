/** What a page shows so briefly that nobody who asks from outside is sure to see it. */
import type { Page } from "@playwright/test";

/**
 * Names, or else texts, of the first element that fits the selector, each time it is another one; the page itself
 * writes them down from now on.
 */
export async function watchChanges(page: Page, selector: string): Promise<() => Promise<string[]>> {
  const record = await page.evaluateHandle((wanted) => {
    const shown: string[] = [];
    const look = () => {
      const element = document.querySelector(wanted);
      const name = element?.ariaLabel ?? element?.textContent;
      if (name && name !== shown.at(-1)) shown.push(name);
    };
    new MutationObserver(look).observe(document, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
    return shown;
  }, selector);
  return () => record.jsonValue();
}
