/** Asks axe for what WCAG 2.1 AA forbids. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

/**
 * axe lets a modal dialog hide what is behind it, but does not know that an open menu holds the focus just the
 * same (focus.spec.ts checks that it does), and takes everything behind it for reachable.
 */
const NOT_BEHIND_MENUS = "aria-hidden-focus";

/** No violations on what is shown now; `what` names it in the failure. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  const axe = new AxeBuilder({ page }).withTags(TAGS);
  if ((await page.getByRole("menu").count()) > 0) axe.disableRules(NOT_BEHIND_MENUS);
  const { violations } = await axe.analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}\n${failureSummary ?? ""}`),
  );
  expect(found, what).toEqual([]);
}
