import { expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { countDraws, type Opened, settled, showCells } from "./browser";
import { knownMap, SIDE } from "./known";
import { cellColours, colourOf, histogram, type Palette, percentileOf, tile } from "./pixels";
import { stage } from "./stage";

const STEPS = [0, 10, 20];
const EXAMPLES = [0, 1, 2];
const on = stage(["scales"]);

const values = (steps: readonly number[]) => steps.flatMap((step) => EXAMPLES.flatMap((e) => knownMap(step, e).flat()));
const pooled = (steps: readonly number[]) => percentileOf(histogram(values(steps)), 0.99);

/** A map's own P99 and sum of |scores|, as logged: in single precision. */
function numbers(step: number, example: number): { p99: number; sum: number } {
  const sorted = knownMap(step, example)
    .flat()
    .map(Math.abs)
    .sort((a, b) => a - b);
  const place = 0.99 * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const p99 = below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
  return { p99: Math.fround(p99), sum: Math.fround(sorted.reduce((sum, value) => sum + value, 0)) };
}

/** The largest of the nine maps' P99 / sum: of nine, 99% are all. */
function shareEnd(): number {
  return Math.max(
    ...STEPS.flatMap((step) => EXAMPLES.map((example) => numbers(step, example).p99 / numbers(step, example).sum)),
  );
}

const link = (run: string, ...more: string[]) =>
  [`runs=${run}%252Fattribution`, ...more].map((part) => `&p.attribution.${part}`).join("");

/** High enough for all rows: what scrolls may lie under the heads. */
async function openWhole(address: string): Promise<Opened> {
  const opened = await on.open(address);
  await opened.page.setViewportSize({ width: 1280, height: 1200 });
  await showCells(opened);
  return opened;
}

async function expectColours(opened: Opened, map: (example: number) => number[][], colour: ColourAt, column = 0) {
  for (const example of EXAMPLES) {
    const picture = tile(opened.frame, example, column).locator(".picture");
    const seen = await cellColours(opened.page, picture, SIDE, SIDE);
    expect(seen).toEqual(map(example).map((row) => row.map((value) => colour(value, example))));
  }
}

type ColourAt = (value: number, example: number) => number[];

test("in every scope the pixels are the colour arithmetic; another scope draws each tile once and fetches nothing", async () => {
  const opened = await openWhole(link("known", "step=10", "ends=saliency:0.5"));
  const draws = await countDraws(opened);
  const requests: string[] = [];
  opened.page.on("request", (request) => {
    if (request.url().includes("/attribution/")) {
      requests.push(request.url());
    }
  });
  const notes = opened.frame.locator(".bar-notes");
  const badges = opened.frame.locator(".colour-bar .badge");
  const own = (example: number) => numbers(10, example);
  const scopes: [string, string[], (example: number) => number][] = [
    ["P99 of |score|, all steps", [], () => pooled(STEPS)],
    [
      "strongest map on or next to the screen",
      ["colours change with what is on screen"],
      () => Math.max(...EXAMPLES.map((example) => own(example).p99)),
    ],
    ["P99 of |score| at this step", ["colours change with the step"], () => pooled([10])],
    ["each map ends at its own P99", ["colours not comparable"], (example) => own(example).p99],
    ["score / sum of |scores|", ["scale-free"], (example) => shareEnd() * own(example).sum],
    ["set by hand", [], () => 0.5],
  ];
  for (const [words, badge, end] of scopes) {
    expect(await notes.innerText()).toContain(words);
    expect(await badges.allInnerTexts()).toEqual(badge);
    await expectColours(
      opened,
      (example) => knownMap(10, example),
      (value, example) => colourOf(value, end(example)),
    );
    await opened.page.keyboard.press("n");
    expect(await draws()).toBe(EXAMPLES.length);
  }
  expect(await notes.innerText()).toContain("P99 of |score|, all steps");
  await opened.page.keyboard.press("s");
  expect(await badges.innerText()).toBe("scale-free");
  await expect.poll(() => new URL(opened.page.url()).hash).toContain("&p.attribution.scope=share");
  expect(requests).toEqual([]);
  expect(opened.complaints).toEqual([]);
});

test("the largest end is the largest score itself, and nothing lies beyond it", async () => {
  const opened = await openWhole(link("known", "clip=1"));
  const largest = Math.max(...values(STEPS).map(Math.abs));
  expect(await opened.frame.locator(".colour-bar .vmax").innerText()).toBe(`≥ +${largest.toPrecision(3)}`);
  const words = "largest of |score|, all steps, 0% clipped; this step’s largest is 100% of the scale, 0% clipped";
  expect(await opened.frame.locator(".bar-notes").innerText()).toBe(words);
  await expectColours(
    opened,
    (example) => knownMap(20, example),
    (value) => colourOf(value, largest),
  );
});

test("in every scope another step draws each tile once", async () => {
  const opened = await openWhole(link("known", "step=10"));
  await opened.page.keyboard.press("Home");
  await settled(opened.frame);
  const draws = await countDraws(opened);
  for (const [at, scope] of ["series", "visible", "step", "image", "share", "manual"].entries()) {
    await opened.page.keyboard.press(at % 2 === 0 ? "ArrowRight" : "ArrowLeft");
    await settled(opened.frame);
    expect([scope, await draws()]).toEqual([scope, EXAMPLES.length]);
    await opened.page.keyboard.press("n");
    await draws();
  }
});

test("a film strip in the scope of a step: each column has its own scale", async () => {
  const opened = await openWhole(link("known", "across=steps", "scope=step"));
  for (const [column, step] of STEPS.entries()) {
    const end = pooled([step]);
    await expectColours(
      opened,
      (example) => knownMap(step, example),
      (value) => colourOf(value, end),
      column,
    );
  }
  expect(await opened.frame.locator(".bar-notes").innerText()).toContain("each step ends at its own P99");
});

test.each<[Palette, number]>([
  ["RdBu", 0.5],
  ["PuOr", 1],
  ["PuOr", 2],
])("signed scores have the colours of %s, with gamma %d", async (palette, gamma) => {
  const opened = await openWhole(link("known", `diverging=${palette}`, `gamma=${gamma}`));
  await expectColours(
    opened,
    (example) => knownMap(20, example),
    (value) => colourOf(value, pooled(STEPS), palette, gamma),
  );
});

test.each<[Palette, number]>([
  ["viridis", 1],
  ["cividis", 1],
  ["magma", 0.5],
  ["grey", 1],
])("scores without a sign have the colours of %s, with gamma %d", async (palette, gamma) => {
  const opened = await openWhole(link("magnitudes", `sequential=${palette}`, `gamma=${gamma}`));
  await expectColours(
    opened,
    (example) => knownMap(20, example).map((row) => row.map(Math.abs)),
    (value) => colourOf(value, pooled(STEPS), palette, gamma),
  );
});

test("with gamma the bar has the numbers of its colours half way", async () => {
  const { page, frame } = await on.open(link("known", "gamma=0.5", "scope=manual", "ends=saliency:8"));
  expect(await frame.locator(".bar-ticks span").allInnerTexts()).toEqual(["−2.00", "+2.00"]);
  const bar = frame.getByRole("img", { name: "half of the colours at +2.00" });
  const seen = (await cellColours(page, bar, 1, 4))[0]!;
  // Cells' middles lie at -3/4, -1/4, 1/4 and 3/4 of the bar, up to one pixel of it.
  for (const [i, place] of [-0.75, -0.25, 0.25, 0.75].entries()) {
    colourOf(place, 1).forEach((channel, at) => {
      expect(Math.abs(seen[i]![at]! - channel)).toBeLessThan(8);
    });
  }
});

test("the end of a scale is dragged, moved by keys and typed; the link keeps it, an empty box gives it back", async () => {
  const opened = await openWhole(link("known", "step=20"));
  const { page, frame, complaints } = opened;
  const slider = frame.getByRole("slider", { name: "End of the colour scale of saliency" });
  const entry = frame.getByRole("spinbutton", { name: "End of the colour scale of saliency" });
  const vmax = frame.locator(".colour-bar .vmax");
  const series = await vmax.innerText();

  await entry.fill("0.0001234");
  await entry.press("Enter");
  const hidden = await entry.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  expect([await entry.inputValue(), hidden]).toEqual(["0.0001234", 0]); // cut off, it is another number
  await entry.fill("0.5");
  await entry.press("Enter");
  expect(await vmax.innerText()).toBe("≥ +0.500");
  await expect
    .poll(() => new URL(page.url()).hash)
    .toContain("&p.attribution.scope=manual&p.attribution.ends=saliency%3A0.5");
  await expectColours(
    opened,
    (example) => knownMap(20, example),
    (value) => colourOf(value, 0.5),
  );

  await slider.press("ArrowRight");
  const moved = Number(await entry.inputValue());
  expect(moved / 0.5).toBeGreaterThan(1);
  expect(moved / 0.5).toBeLessThan(1.08);
  expect(await slider.getAttribute("aria-valuetext")).toMatch(/^0\.5\d+, \d+% clipped$/);

  const box = await slider.boundingBox();
  const [x, y] = [box?.x ?? 0, (box?.y ?? 0) + (box?.height ?? 0) / 2];
  await page.mouse.move(x + (box?.width ?? 0) / 2, y);
  await page.mouse.down();
  await page.mouse.move(x + (box?.width ?? 0) - 2, y, { steps: 4 });
  await page.mouse.up();
  // The right end of the axis is an octave beyond the largest score.
  const largest = Math.max(...values(STEPS).map(Math.abs));
  expect(Number(await entry.inputValue())).toBeGreaterThan(1.5 * largest);

  await entry.fill("");
  await entry.press("Enter");
  expect(await vmax.innerText()).toBe(series);
  expect(complaints).toEqual([]);
});

test.each(["image", "share", "manual"])("axe finds nothing serious in scope %s", async (scope) => {
  await expectAccessible(await on.open(link("known", `scope=${scope}`, "gamma=0.5")));
});
