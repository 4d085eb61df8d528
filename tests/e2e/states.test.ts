import { expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { settled } from "./browser";
import { tile } from "./pixels";
import { stage } from "./stage";
import { tensorboardAt } from "./tensorboard";

const on = stage(["lengths", "features", "sizes", "lying", "absent", "private", "strings", "known", "curves"]);
const runs = (...names: string[]) =>
  `&p.attribution.runs=${encodeURIComponent(names.map((name) => encodeURIComponent(`${name}/attribution`)).join())}`;

const LONG_RUN = `run \u202egnol ${"r".repeat(200)}`;

test("names of 10 kB, from right to left, with control characters: every column keeps its width, nothing runs out", async () => {
  const opened = await on.open(runs(LONG_RUN, "features", "tokens"));
  const { frame, complaints } = opened;
  const widths = await frame.locator(".cell").evaluateAll((cells) =>
    cells.map((cell) => {
      const inside = Math.max(...[...cell.querySelectorAll("*")].map((one) => one.getBoundingClientRect().right));
      return inside - cell.getBoundingClientRect().right;
    }),
  );
  expect(widths.length).toBeGreaterThan(6);
  expect(Math.max(...widths)).toBeLessThanOrEqual(1);
  expect(await frame.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  expect(
    await frame.locator(".head").evaluateAll((all) => Math.max(...all.map((head) => head.clientHeight))),
  ).toBeLessThan(200);
  expect(await frame.locator(".heat").count()).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
});

test("a map of one cell, and one of 2,048 x 2,048 with its stored cells", async () => {
  const { frame } = await on.open(runs("cell", "large"));
  const sides = () => frame.locator(".heat").evaluateAll((all) => all.map((heat) => (heat as HTMLCanvasElement).width));
  await expect.poll(sides, { timeout: 60_000 }).toContain(2048);
  expect(await frame.locator(".tile-words").count()).toBe(0);
});

test("a blob whose header lies is named in its tile; the others show", async () => {
  const { frame, complaints } = await on.open(runs("lying"));
  const words = (row: number) => tile(frame, row).locator(".tile-words").allInnerTexts();
  expect(await words(0)).toEqual([]);
  expect((await words(1)).join()).toMatch(/^thumbnail only: .*bytes/);
  expect((await words(2)).join()).toMatch(
    /^thumbnail only: 1 maps of shape \[8192,8192\] hold more than a page can show$/,
  );
  expect(await frame.locator(".heat").count()).toBe(3);
  expect(complaints).toEqual([]);
  // However small a tile is, its words leave the next one alone.
  await on.open(`${runs("lying")}&p.attribution.tile=96`);
  const box = await tile(frame, 2).locator(".tile-words").boundingBox();
  const stage = await tile(frame, 2).locator(".stage").boundingBox();
  expect(box!.y).toBeGreaterThanOrEqual(stage!.y);
});

test("a method that a run does not have is said in its column; inputs that are not stored, in words", async () => {
  const { frame } = await on.open(`${runs("both", "one")}&p.attribution.method=grad_cam%2Csaliency`);
  expect(await tile(frame, 0, 1).locator(".missing").innerText()).toBe(
    "grad_cam was not logged in this run. It has: saliency.",
  );
  const open = await on.open(runs("pictures", "table", "texts"));
  await expectAccessible(open);
  expect(await frame.locator(".example").first().innerText()).toContain("input not stored");
  expect(await frame.locator(".picture .heat").count()).toBe(3);
});

test("a text that the model cuts has a chip for each word that has a score", async () => {
  const { frame } = await on.open(runs("strings"));
  const chips = (row: number) => tile(frame, row).locator(".chip").allInnerTexts();
  expect(await chips(0)).toEqual(["A", "quiet", "film,", "well", "acted", "and", "kind"]);
  expect(await chips(1)).toEqual(["one", "two", "three", "four", "five", "six", "seven", "eight"]);
  const rest = await frame.locator(".rest").allInnerTexts();
  expect(rest[0]).toContain("1 score behind the text, sum +8.00");
  expect(rest[1]).toContain("2 of 10 words have no score");
});

test("at 360 pixels the panel opens over the maps, which have the width; keys reach it and leave it", async () => {
  const opened = await on.open(runs("known"));
  const { page, frame, complaints } = opened;
  await page.setViewportSize({ width: 360, height: 740 });
  const panel = frame.getByRole("navigation", { name: "Runs, examples and display" });
  await panel.waitFor({ state: "hidden" });
  expect(await frame.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  const grid = (await frame.locator(".grid").boundingBox())!;
  expect(grid.width).toBe(360);
  expect(grid.height).toBeGreaterThan(740 / 4);
  await expectAccessible(opened);
  await page.keyboard.press("/");
  await frame.waitForFunction(() => document.activeElement?.id === "find-text");
  await page.keyboard.type("#1");
  await settled(frame);
  await expectAccessible(opened);
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "hidden" });
  expect(await frame.evaluate(() => document.activeElement?.textContent)).toBe("Panel");
  expect(complaints).toEqual([]);
});

test("Tab reaches every control, in the order of the page, with a visible focus, and leaves it at the end", async () => {
  const { page, frame } = await on.open(`${runs("known")}&p.attribution.step=10`);
  const controls = await frame.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLElement>("button, input, select, a[href], [tabindex='0']")];
    const reachable = all.filter((one) => one.tabIndex >= 0 && !one.matches(":disabled") && one.checkVisibility());
    const [first] = reachable;
    reachable.forEach((one, at) => {
      one.dataset.place = String(at);
    });
    first?.focus();
    return reachable.length;
  });
  expect(controls).toBeGreaterThan(25);
  for (let at = 0; at < controls; at++) {
    const focus = await frame.evaluate(() => {
      const style = getComputedStyle(document.activeElement!);
      return { place: (document.activeElement as HTMLElement).dataset.place, outline: style.outlineStyle };
    });
    expect(focus).toEqual({ place: String(at), outline: at === 0 ? focus.outline : expect.not.stringMatching("none") });
    await page.keyboard.press("Tab");
  }
  expect(await frame.evaluate(() => (document.activeElement as HTMLElement).dataset.place)).toBe(undefined);
});

test("on 4K examples stand beside one another, each below heads of its own; keys go from one to the next", async () => {
  const { page, frame } = await on.open(runs("known"));
  await page.setViewportSize({ width: 3840, height: 1000 });
  await frame.locator(".virtual-row.line").waitFor();
  await settled(frame);
  const places = (selector: string) =>
    frame
      .locator(selector)
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ x, y }) => [x, y]));
  const rows = await places(".line .row");
  expect(rows.length).toBe(3);
  expect(new Set(rows.map(([, y]) => y)).size).toBe(1);
  expect((await places(".heads")).slice(0, 3).map(([x]) => x)).toEqual(rows.map(([x]) => x));
  for (const example of [0, 1, 2]) {
    await page.keyboard.press("ArrowDown");
    await frame.locator(`.row[aria-label="#${example}"]:focus`).waitFor();
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await frame.locator(".virtual-row.line").first().waitFor({ state: "detached" });
});

/** Where rows and heads lie while answers of these routes are held back, and once they are there. */
async function places(link: string, width: number, held: RegExp) {
  const { page, frame } = await on.open(link);
  await page.setViewportSize({ width, height: 900 });
  let release = () => {};
  const released = new Promise<void>((done) => {
    release = done;
  });
  await page.route(held, async (route) => {
    await released;
    await route.continue();
  });
  const found = () =>
    frame.locator(".heads, .row, .cell").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));
  await Promise.all([page.waitForEvent("framenavigated"), frame.evaluate(() => location.reload())]);
  await frame.locator(".tile.busy").first().waitFor();
  await page.waitForTimeout(500); // for what is not held back
  expect(await frame.locator(".tile:not(.busy)").count()).toBe(0);
  const before = await found();
  release();
  await settled(frame);
  return { before, after: await found() };
}

test.each([
  ["pictures", "known", 1280, /\/(maps|stats|scalars)\?/],
  ["a model with BatchNormalization", "curves/0", 1280, /\/(maps|stats|scalars)\?/],
  ["bars", "table", 1280, /\/(maps|stats|scalars)\?/],
  ["chips", "texts", 1280, /\/(maps|stats|scalars)\?/],
  ["pictures", "known", 360, /\/(maps|stats|scalars)\?/],
  ["bars", "table", 360, /\/(maps|stats|scalars)\?/],
])("nothing moves when maps of %s arrive: %s, %i pixels wide", async (_, run, width, held) => {
  const { before, after } = await places(runs(run), width, held);
  expect(before.length).toBeGreaterThan(2);
  expect(after).toEqual(before);
});

// Last: it ends the server.
test("a server that is gone is named and asked again; what was there stays, and goes on at its step", async () => {
  const { page, frame } = await on.open(`${runs("known")}&p.attribution.step=10`);
  const { port } = on.server;
  await on.server.stop();
  await frame.getByRole("checkbox", { name: "large" }).check();
  await frame.locator(".notices").waitFor();
  expect(await frame.locator(".notices").innerText()).toContain(
    "TensorBoard does not answer. What is on screen stays, and the page asks again every few seconds.",
  );
  expect(await frame.locator(".picture .heat").count()).toBeGreaterThan(0);
  const back = await tensorboardAt(port, on.logdir);
  try {
    await frame.locator(".notices").waitFor({ state: "detached", timeout: 60_000 });
    await settled(frame);
    expect(await frame.getByRole("spinbutton", { name: "step", exact: true }).inputValue()).toBe("10");
    expect(await frame.locator(".tile.failed").count()).toBe(0);
    await expect.poll(() => page.url()).toContain("p.attribution.step=10");
  } finally {
    await back.stop();
  }
});
