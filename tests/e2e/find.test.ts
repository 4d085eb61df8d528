import type { Frame } from "playwright-core";
import { expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { settled } from "./browser";
import { stage } from "./stage";

/** Of the logs of `crowd` in write_logs.py: those whose p(label) is below half of the rest, a third of each hundred. */
const WRONG = 33 * 50;
const on = stage(["crowd"]);

const count = (frame: Frame) => frame.locator(".rows-bar .count").innerText();
const row = (frame: Frame, index: number) => frame.locator(`.virtual-row[data-index="${index}"] .row`);
const focused = (frame: Frame) => frame.evaluate(() => document.activeElement?.getAttribute("aria-label"));

async function firstNames(frame: Frame, rows = 3): Promise<string[]> {
  const names = Array.from({ length: rows }, (_, index) => row(frame, index).locator(".example-name").innerText());
  return (await Promise.all(names)).map((name) => name.split(" ")[0] ?? "");
}

/** What can be seen of a row below the heads and above the lower edge, as a share of its height; edges may lie between pixels. */
function inView(frame: Frame, index: number): Promise<number> {
  return row(frame, index).evaluate((element) => {
    const own = element.getBoundingClientRect();
    const grid = element.closest(".grid")!.getBoundingClientRect();
    const top = element.closest(".grid")!.querySelector(".heads")!.getBoundingClientRect().bottom;
    return (Math.min(own.bottom, grid.bottom) - Math.max(own.top, top)) / own.height;
  });
}

test("wrong ones of 5,000, as of the step they were asked at; rows stay while scrubbing until asked for again", async () => {
  const { page, frame, complaints } = await on.open();
  expect(await count(frame)).toBe("5000 of 5000 examples");
  expect(await frame.locator(".row").count()).toBeLessThan(20);
  await frame.getByRole("combobox", { name: "Outcome" }).selectOption("wrong only");
  await settled(frame);
  expect(await count(frame)).toBe(`${WRONG} of 5000 examples`);
  expect(await firstNames(frame)).toEqual(["#67", "#68", "#69"]);
  await expect.poll(() => page.url()).toContain("&p.attribution.outcome=wrong&p.attribution.found_at=10");
  await frame.locator(".grid").focus();
  await page.keyboard.press("Home");
  await settled(frame);
  expect(await firstNames(frame)).toEqual(["#67", "#68", "#69"]);
  await frame.getByRole("button", { name: "Find again at step 0" }).click();
  await settled(frame);
  expect(await firstNames(frame)).toEqual(["#0", "#1", "#2"]);
  await frame.getByRole("combobox", { name: "Sort by" }).selectOption("p(target)");
  await frame.getByRole("button", { name: "Ascending; press for descending" }).click();
  await settled(frame);
  expect(await firstNames(frame)).toEqual(["#32", "#132", "#232"]); // .325 each
  expect(complaints).toEqual([]);
});

test("keys: find, walk, pin; pins are first and travel in the address", async () => {
  const { page, frame, complaints } = await on.open();
  await page.keyboard.press("/");
  expect(await focused(frame)).toBe("Find examples by name, token or number");
  await page.keyboard.type("PICTURE 499");
  await settled(frame);
  expect(await count(frame)).toBe("11 of 5000 examples"); // 499, and 4990 to 4999
  await page.keyboard.press("Enter");
  await frame.waitForFunction(() => document.activeElement?.classList.contains("row"));
  expect(await focused(frame)).toBe("#499 picture 499");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await frame.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "#4991 picture 4991");
  await page.keyboard.press("p");
  await frame.locator(".row.pinned").waitFor();
  expect(await focused(frame)).toBe("#4992 picture 4992");
  expect(await count(frame)).toBe("11 of 5000 examples, 1 pinned");
  await frame.getByRole("button", { name: "Show all", exact: true }).click();
  await settled(frame);
  expect(await firstNames(frame)).toEqual(["#4991", "#0", "#1"]);
  const link = () => new URL(page.url()).hash.replace("#attribution", "");
  await expect.poll(link).toMatch(/^&p\.attribution\.pins=[0-9a-f]+%3A4991$/);
  expect(complaints).toEqual([]);
  const again = await on.open(link());
  expect(await firstNames(again.frame)).toEqual(["#4991", "#0", "#1"]);
  await again.frame.getByRole("button", { name: "Pin #4991 picture 4991" }).click();
  await settled(again.frame);
  expect(await firstNames(again.frame)).toEqual(["#0", "#1", "#2"]);
  await expect.poll(() => again.page.url()).not.toContain("pins");
});

test("walking down brings each row into view whole, below the heads", async () => {
  const { page, frame } = await on.open();
  for (let i = 0; i <= 12; i++) {
    await page.keyboard.press("ArrowDown");
  }
  await frame.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "#12 picture 12");
  expect(await inView(frame, 12)).toBeGreaterThan(0.99);
  for (let i = 0; i < 9; i++) {
    await page.keyboard.press("ArrowUp");
  }
  await frame.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "#3 picture 3");
  expect(await inView(frame, 3)).toBeGreaterThan(0.99);
});

test("where nothing matches it says so, and leads back", async () => {
  const { frame } = await on.open("&p.attribution.find=zebra");
  expect(await count(frame)).toBe("0 of 5000 examples");
  expect(await frame.locator(".grid .words").innerText()).toContain("No example matches what is looked for.");
  await frame.getByRole("button", { name: "Show all examples" }).click();
  await settled(frame);
  expect(await count(frame)).toBe("5000 of 5000 examples");
});

test("? shows every key and takes none of them; axe finds nothing before and after", async () => {
  const opened = await on.open("&p.attribution.sort=-probability");
  const { page, frame, complaints } = opened;
  await expectAccessible(opened);
  await frame.locator(".grid").focus();
  await page.keyboard.press("?");
  await frame.getByRole("dialog", { name: "Keys" }).waitFor();
  expect(await frame.getByRole("row").count()).toBeGreaterThanOrEqual(12);
  await expectAccessible(opened);
  await page.keyboard.press("Home");
  await page.keyboard.press("Escape");
  await frame.getByRole("dialog").waitFor({ state: "hidden" });
  expect(await frame.evaluate(() => document.activeElement?.className)).toContain("grid");
  await expect.poll(() => page.url()).not.toContain("p.attribution.step");
  expect(complaints).toEqual([]);
});
