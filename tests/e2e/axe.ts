import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { type Opened, setDark } from "./browser";

/** The rule of axe that a theme can break; the others read the document, which is the same. */
const OF_A_THEME = ["color-contrast"];
/** How long axe waits for a frame before it leaves it out without a word, ms; and how often it is asked again then. */
const ANSWER = 10_000;
const TRIES = 3;
/** Rules that pass on any page of ours, at least. */
const CHECKED = { light: 10, dark: 1 };

async function analysed(page: Page, rules: readonly string[]) {
  for (let left = TRIES; ; left--) {
    const axe = new AxeBuilder({ page })
      .options({ pingWaitTime: ANSWER })
      .setLegacyMode() // without a tab of its own: our frame is of the same origin
      .include(["iframe", "#tb-attribution"]);
    const found = await (rules.length > 0 ? axe.withRules([...rules]) : axe).analyze();
    if (found.passes.length > 0 || left === 1) {
      return found;
    }
  }
}

/** That axe finds nothing serious on our page, light and dark. The host's page is not ours to judge. */
export async function expectAccessible(opened: Opened): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await setDark(opened, theme === "dark");
    const { violations, passes } = await analysed(opened.page, theme === "dark" ? OF_A_THEME : []);
    expect(passes.length).toBeGreaterThanOrEqual(CHECKED[theme]);
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`)).toEqual([]);
  }
  await setDark(opened, false);
}
