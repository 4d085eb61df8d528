import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { PNG } from "pngjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch } from "./browser";
import { knownMap, SIDE } from "./known";
import { colourOf, histogram, percentileOf } from "./pixels";
import { python, temporaryDirectory } from "./tensorboard";

const STEPS = [0, 10, 20];
const EXAMPLES = [0, 1, 2];
const logs = temporaryDirectory();
let browser: Browser;

/** The exported page of a run, from its file, with all that it asked for and complained of. */
async function opened(run: string) {
  const file = join(logs.path, "maps.html");
  python("exported.py", logs.path, "--run", run, "--out", file);
  const page = await (await browser.newContext()).newPage(); // axe wants a context
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  return { page, complaints, asked: () => asked.filter((url) => !url.startsWith("data:")), file };
}

/** A pixel of a picture on the page. */
async function pixel(page: Page, selector: string, x: number, y: number): Promise<number[]> {
  const picture = PNG.sync.read(await page.locator(selector).first().screenshot());
  return [...picture.data.subarray(4 * (y * picture.width + x), 4 * (y * picture.width + x) + 3)];
}

beforeAll(async () => {
  python("write_logs.py", "known,hostile", logs.path);
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  logs.remove();
});

test("an exported page moves over the steps in the colours of the scale, and asks nobody for anything", async () => {
  const { page, complaints, asked } = await opened("known");
  const values = STEPS.flatMap((step) => EXAMPLES.flatMap((example) => knownMap(step, example).flat()));
  const vmax = percentileOf(histogram(values), 0.99);
  const last = SIDE - 1;
  const [red, green, blue] = (await pixel(page, "tbody th img", 0, 223)) as [number, number, number];
  const grey = Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  await page.locator("#step").press("Home");
  for (const [at, step] of STEPS.entries()) {
    expect(await page.locator("#name").textContent()).toBe(`step ${step}, epoch ${step / 10 + 1} (${at + 1} of 3)`);
    // The corner of an enlarged map is that of its cell.
    const value = knownMap(step, 0)[last]![0]!;
    const opacity = 0.9 * Math.min(1, (1.5 * Math.abs(value)) / vmax);
    const wanted = colourOf(value, vmax).map((channel) => channel * opacity + grey * (1 - opacity));
    const found = await pixel(page, "tbody td img", 0, 223);
    found.forEach((channel, i) => {
      expect(Math.abs(channel - wanted[i]!), `step ${step}`).toBeLessThanOrEqual(2);
    });
    await page.locator("#step").press("ArrowRight");
  }
  expect(complaints).toEqual([]);
  expect(asked()).toHaveLength(1);
  await page.context().close();
});

test("names of a stranger's log are text", async () => {
  const { page, complaints, asked, file } = await opened("<b>run<b>/<i>x<i>");
  expect(await page.locator("h1").textContent()).toBe("Attributions, run <b>run<b>/<i>x<i>");
  expect(await page.locator("tbody th").first().textContent()).toContain("<img src=x onerror=");
  expect(await page.evaluate(() => [document.scripts.length, "hacked" in globalThis])).toEqual([2, false]);
  expect(readFileSync(file, "utf8")).not.toContain("<img src=x");
  expect([complaints, asked().length]).toEqual([[], 1]);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await page.context().close();
});
