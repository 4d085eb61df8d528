import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { type Opened, settled, showCells } from "./browser";
import { knownMap, SIDE } from "./known";
import { cellColours, colourOf, histogram, percentileOf, tile } from "./pixels";
import { barRows, SHEET, savedRow } from "./saved_row";
import { stage } from "./stage";

const on = stage(["look"]);
const STEP = 10;
const EXAMPLE = 1;

async function openRun(run: string, more = "", step = STEP): Promise<Opened> {
  const parts = [`runs=${run}%252Fattribution`, `step=${step}`, more].filter(Boolean);
  const opened = await on.open(parts.map((part) => `&p.attribution.${part}`).join(""));
  await opened.page.setViewportSize({ width: 1280, height: 1000 });
  return opened;
}

async function boxOf(element: Locator) {
  const box = await element.boundingBox();
  if (box === null) {
    throw new Error("the element is not on the screen");
  }
  return box;
}

/** Moves the pointer to a share of an element. */
async function point({ page }: Opened, element: Locator, x: number, y: number): Promise<void> {
  const box = await boxOf(element);
  await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
}

/** Where the lines of a tile cross, in shares of it. */
async function crossing(picture: Locator): Promise<number[]> {
  const [box, down, across] = await Promise.all([
    boxOf(picture),
    boxOf(picture.locator(".cross.down")),
    boxOf(picture.locator(".cross.across")),
  ]);
  return [(down.x - box.x) / box.width, (across.y - box.y) / box.height];
}

/** Two pixels of a tile of 144: where a line of one pixel is drawn. */
const NEAR = 0.014;

function isNear(seen: number[], wanted: number[]): void {
  seen.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]!)).toBeLessThan(NEAR);
  });
}

/** The picture of a column, or of the input. */
function pictures({ frame }: Opened, row: number): Locator[] {
  return [
    frame.locator(`.virtual-row[data-index="${row}"] .original-box`),
    tile(frame, row, 0).locator(".picture"),
    tile(frame, row, 1).locator(".picture"),
  ];
}

/** Two digits, the second rounded up. */
function up(value: number): string {
  const exponent = Math.floor(Math.log10(value));
  const digits = Math.ceil(value / 10 ** (exponent - 1));
  return exponent < -3 ? `${(digits / 10).toFixed(1)}e−${-exponent}` : (digits * 10 ** (exponent - 1)).toPrecision(2);
}

/** The 99th percentile of the magnitudes of a map, on a straight line between its neighbours. */
function kneeOf(map: number[][]): number {
  const sorted = map
    .flat()
    .map(Math.abs)
    .sort((a, b) => a - b);
  const place = 0.99 * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return Math.fround(below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place)));
}

test("a pointer reads the value, what storing it may have changed, its percentile, its cell and its pixels", async () => {
  const map = knownMap(STEP, EXAMPLE);
  const [row, column] = [5, 2];
  const value = map[row]![column]!;
  const knee = kneeOf(map);
  const code = Math.round((value * 64) / knee);
  const ulp = 2 ** (Math.floor(Math.log2(value)) - 10);
  const found: Record<string, [number, string]> = {
    bytes: [(code * knee) / 64, `stored to within ±${up(knee / 128)}`],
    halves: [Math.round(value / ulp) * ulp, `stored to within ±${up(ulp / 2)}`],
    floats: [value, "stored exactly"],
  };
  for (const [run, [stored, bound]] of Object.entries(found)) {
    const opened = await openRun(run);
    await point(opened, pictures(opened, EXAMPLE)[1]!, (column + 0.5) / SIDE, (row + 0.5) / SIDE);
    const lines = (await opened.frame.locator(".tip").innerText()).split("\n");
    const smaller = map.flat().filter((other) => Math.abs(other) <= value).length;
    expect(lines[0]).toContain(`+${stored.toPrecision(4)} (`);
    expect(lines.slice(1)).toEqual([
      bound,
      `percentile ${Math.floor((1000 * smaller) / SIDE ** 2) / 10} of |scores| of this map`,
      "row 5, column 2 of 8 × 8",
      "input rows 20–23, columns 8–11",
    ]);
    expect(opened.complaints).toEqual([]);
  }
});

test("the input covers no map, whatever the size of pictures", async () => {
  for (const size of [96, 144, 224, 320, 448]) {
    const opened = await openRun("floats", `tile=${size}`);
    const [input, map] = await Promise.all(pictures(opened, EXAMPLE).slice(0, 2).map(boxOf));
    expect(input!.width).toBe(size);
    expect(map!.x - input!.x - size).toBeGreaterThan(0);
  }
});

test("cells below their error are hatched and say so", async () => {
  const opened = await openRun("floats", "method=fine");
  await showCells(opened);
  const picture = pictures(opened, EXAMPLE)[1]!;
  const errors = knownMap(STEP, EXAMPLE).map((row) => row.map((value) => Math.abs(value) < 0.25));
  const hatched = await picture.locator(".hatch").evaluate((canvas: HTMLCanvasElement, side) => {
    const pixels = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height).data;
    const size = canvas.width / side;
    return Array.from({ length: side }, (_, y) =>
      Array.from({ length: side }, (_, x) => {
        for (let at = 0; at < size * size; at++) {
          const [dy, dx] = [Math.floor(at / size), at % size];
          if (pixels[4 * ((y * size + dy) * canvas.width + x * size + dx) + 3]! > 0) {
            return true;
          }
        }
        return false;
      }),
    );
  }, SIDE);
  expect(hatched).toEqual(errors);
  expect(errors.flat().filter(Boolean).length).toBeGreaterThan(3);
  await point(opened, picture, 4.5 / SIDE, 4.5 / SIDE);
  expect(await opened.frame.locator(".tip").innerText()).toContain("std. error ±0.25; the score is below it");
});

test("the spot under the pointer is marked in the input and in every map of its row, with their values", async () => {
  const opened = await openRun("floats");
  await point(opened, pictures(opened, EXAMPLE)[1]!, 0.3, 0.7);
  for (const picture of pictures(opened, EXAMPLE)) {
    isNear(await crossing(picture), [0.3, 0.7]);
  }
  const value = knownMap(STEP, EXAMPLE)[5]![2]!;
  expect(await tile(opened.frame, EXAMPLE, 1).locator(".spot-value").innerText()).toBe(`+${value.toPrecision(4)}`);
  expect(await tile(opened.frame, EXAMPLE, 0).locator(".spot-value").count()).toBe(0);
  expect(await opened.frame.locator(".cross:not([hidden])").count()).toBe(6);
  await point(opened, pictures(opened, EXAMPLE)[0]!, 0.99, 0.01);
  expect(await opened.frame.locator(".tip").innerText()).toBe("input row 0, column 31 of 32 × 32");
  const corner = knownMap(STEP, EXAMPLE)[0]![7]!;
  expect(await opened.frame.locator(".spot-value").allInnerTexts()).toEqual(
    [corner, corner].map((one) => `−${Math.abs(one).toPrecision(4)}`),
  );
  await opened.page.mouse.move(2, 2);
  expect(await opened.frame.locator(".cross:not([hidden])").count()).toBe(0);
});

test("the wheel with Ctrl enlarges all pictures of a row around the pointer, and cells keep their colours", async () => {
  const AT = [0.45, 0.55];
  const opened = await openRun("floats");
  const { page, frame } = opened;
  await showCells(opened);
  const all = [0, 10, 20].flatMap((step) => [0, 1, 2].flatMap((example) => knownMap(step, example).flat()));
  const vmax = percentileOf(histogram(all), 0.99);
  const [original, coarse, fine] = pictures(opened, EXAMPLE) as [Locator, Locator, Locator];
  await point(opened, coarse, AT[0]!, AT[1]!);
  await page.keyboard.down("Control");
  for (let notch = 0; notch < 4; notch++) {
    await page.mouse.wheel(0, -120);
  }
  await page.keyboard.up("Control");
  const zoom = Math.exp(0.4 * 4);
  await expect.poll(async () => (await boxOf(fine.locator(".layers"))).width).toBeCloseTo(144 * zoom, 0);
  for (const picture of [original, coarse, fine]) {
    const layers = await boxOf(picture.locator(".layers"));
    const box = await boxOf(picture);
    expect(layers.width / box.width).toBeCloseTo(zoom, 1);
    expect((box.x + AT[0]! * box.width - layers.x) / layers.width).toBeCloseTo(AT[0]!, 2);
    isNear(await crossing(picture), AT);
  }
  // What the pointer reads is what it points at.
  await point(opened, coarse, 0.9, 0.2);
  const at = (axis: number, share: number) => Math.floor((AT[axis]! + (share - AT[axis]!) / zoom) * SIDE);
  expect(await frame.locator(".tip").innerText()).toContain(`row ${at(1, 0.2)}, column ${at(0, 0.9)} of 8 × 8`);
  isNear(await crossing(fine), [0.9, 0.2]);
  await page.mouse.move(2, 2);
  const [seen] = await cellColours(page, coarse, 1, 9);
  const map = knownMap(STEP, EXAMPLE);
  const wanted = Array.from({ length: 9 }, (_, i) => map[at(1, 0.5)]![at(0, (i + 0.5) / 9)]!);
  expect(seen).toEqual(wanted.map((value) => colourOf(value, vmax)));
  expect((await boxOf(pictures(opened, 0)[1]!.locator(".layers"))).width).toBe(144);
  expect(opened.complaints).toEqual([]);
});

test("a plain wheel scrolls the grid; a drag moves an enlarged picture, and a double click shows all of it", async () => {
  const opened = await openRun("floats", "tile=224");
  const { page, frame } = opened;
  await page.setViewportSize({ width: 1280, height: 620 });
  const scrolled = () => frame.locator(".grid").evaluate((grid) => grid.scrollTop);
  const [, coarse, fine] = pictures(opened, 0) as [Locator, Locator, Locator];
  await point(opened, coarse, 0.5, 0.5);
  await page.mouse.wheel(0, 100);
  await frame.waitForFunction(() => document.querySelector(".grid")!.scrollTop > 0);
  expect(await scrolled()).toBe(100);
  expect((await boxOf(coarse.locator(".layers"))).width).toBe(224);
  await frame.locator(".row").first().focus();
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  await point(opened, coarse, 0.5, 0.5);
  const before = await boxOf(fine.locator(".layers"));
  expect(before.width).toBeCloseTo(224 * 1.5 ** 2, 1);
  await page.mouse.down();
  const box = await boxOf(coarse);
  await page.mouse.move(box.x + 0.5 * box.width + 30, box.y + 0.5 * box.height - 20);
  await page.mouse.up();
  const after = await boxOf(fine.locator(".layers"));
  expect([Math.round(after.x - before.x), Math.round(after.y - before.y)]).toEqual([30, -20]);
  await coarse.dblclick();
  expect((await boxOf(fine.locator(".layers"))).width).toBe(224);
  await page.keyboard.press("=");
  expect((await boxOf(fine.locator(".layers"))).width).toBeCloseTo(336, 1);
  await page.keyboard.press("Escape");
  expect((await boxOf(fine.locator(".layers"))).width).toBe(224);
});

/** The scroll offset two frames after it was set to 0. */
async function toTop(grid: Element): Promise<number> {
  grid.scrollTo(0, 0);
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  return grid.scrollTop;
}

/** Fingers on the screen, as a touch screen reports them; each goes from its first place to its last one. */
async function touching({ page }: Opened) {
  const device = await page.context().newCDPSession(page);
  await device.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  const send = (type: "touchStart" | "touchMove" | "touchEnd", ...fingers: [number, number][]) =>
    device.send("Input.dispatchTouchEvent", { type, touchPoints: fingers.map(([x, y], id) => ({ x, y, id })) });
  const touch = async (...paths: [from: [number, number], to: [number, number]][]) => {
    await send("touchStart", ...paths.map(([from]) => from));
    for (let part = 1; part <= 10; part++) {
      const at = (from: number, to: number) => from + ((to - from) * part) / 10;
      await send("touchMove", ...paths.map(([from, to]): [number, number] => [at(from[0], to[0]), at(from[1], to[1])]));
    }
    await send("touchEnd");
  };
  return { touch, stop: () => device.detach() };
}

test("one finger scrolls the grid, two enlarge a row's pictures, and then one finger moves them", async () => {
  const opened = await openRun("floats", "tile=224");
  const { page, frame } = opened;
  await page.setViewportSize({ width: 1280, height: 620 });
  const scrolled = () => frame.locator(".grid").evaluate((grid) => grid.scrollTop);
  const [, coarse, fine] = pictures(opened, 0) as [Locator, Locator, Locator];
  const { touch, stop } = await touching(opened);
  const middle = async (right = 0, below = 0): Promise<[number, number]> => {
    const { x, y, width, height } = await boxOf(coarse);
    return [x + width / 2 + right, y + height / 2 + below];
  };
  await touch([await middle(0, 40), await middle(0, -60)]);
  await expect.poll(scrolled).toBeGreaterThan(50);
  expect((await boxOf(fine.locator(".layers"))).width).toBe(224);
  // What the finger began may still scroll on, on a thread of its own, when the script has set the offset.
  await expect.poll(() => frame.locator(".grid").evaluate(toTop)).toBe(0);
  await touch([await middle(-20), await middle(-60)], [await middle(20), await middle(60)]);
  await expect.poll(async () => (await boxOf(fine.locator(".layers"))).width).toBeCloseTo(3 * 224, 0);
  const before = await boxOf(fine.locator(".layers"));
  expect(before.x + before.width / 2).toBeCloseTo((await boxOf(fine)).x + 112, 0);
  await touch([await middle(), await middle(30, -40)]);
  const after = await boxOf(fine.locator(".layers"));
  expect([Math.round(after.x - before.x), Math.round(after.y - before.y)]).toEqual([30, -40]);
  expect(await scrolled()).toBe(0);
  await touch([await middle(-90), await middle(-10)], [await middle(90), await middle(10)]);
  await expect.poll(async () => (await boxOf(fine.locator(".layers"))).width).toBe(224);
  await touch([await middle(0, 40), await middle(0, -60)]);
  await expect.poll(scrolled).toBeGreaterThan(50);
  await stop();
  expect(opened.complaints).toEqual([]);
});

test("a tap reads a map until the next touch of anything", async () => {
  const opened = await openRun("floats");
  const { frame } = opened;
  const { touch, stop } = await touching(opened);
  const tip = frame.locator(".tip");
  const box = await boxOf(pictures(opened, EXAMPLE)[2]!);
  const cell: [number, number] = [box.x + (2.5 / 8) * box.width, box.y + (5.5 / 8) * box.height];
  await touch([cell, cell]);
  await expect.poll(() => tip.innerText()).toContain("row 22, column 10 of 32 × 32");
  isNear(await crossing(pictures(opened, EXAMPLE)[1]!), [2.5 / 8, 5.5 / 8]);
  const head = await boxOf(frame.locator(".colour-bar").first());
  await touch([
    [head.x + 4, head.y + 4],
    [head.x + 4, head.y + 4],
  ]);
  await tip.waitFor({ state: "hidden" });
  await stop();
  expect(opened.complaints).toEqual([]);
});

test("Enter reads the maps of the row by keys, cell by cell, and Esc ends it", async () => {
  const opened = await openRun("floats");
  const { page, frame } = opened;
  await frame.locator(".row").nth(EXAMPLE).focus();
  const tip = frame.locator(".tip");
  const map = knownMap(STEP, EXAMPLE);
  await page.keyboard.press("Enter");
  expect(await tip.innerText()).toContain("row 4, column 4 of 8 × 8");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowDown");
  expect(await tip.innerText()).toContain(`+${map[5]![2]!.toPrecision(4)} (`);
  expect(await tip.innerText()).toContain("row 5, column 2 of 8 × 8");
  isNear(await crossing(pictures(opened, EXAMPLE)[2]!), [2.5 / 8, 5.5 / 8]);
  await page.keyboard.press("Enter");
  expect(await tip.innerText()).toContain("row 22, column 10 of 32 × 32");
  await expect.poll(() => new URL(page.url()).hash).toContain("step=10");
  await page.keyboard.press("Escape");
  await tip.waitFor({ state: "hidden" });
  await page.keyboard.press("ArrowLeft");
  await settled(frame);
  await expect.poll(() => new URL(page.url()).hash).toContain("step=0");
});

test("tables and texts mark the same feature or token in the other maps of the row", async () => {
  const opened = await openRun("tumours", "across=steps", 100);
  const { frame } = opened;
  await tile(frame, 0, 1).locator(".bar-row").nth(3).hover();
  const name = await tile(frame, 0, 1).locator(".feature").nth(3).innerText();
  expect(await frame.locator(".marked .feature").allInnerTexts()).toEqual([name, name, name]);
  const scores = await frame.locator(".marked .score").allInnerTexts();
  expect(await frame.locator(".tip").innerText()).toMatch(new RegExp(`^${name}\n`));
  expect(new Set(scores).size).toBe(3);
  const mail = await openRun("mail", "across=steps");
  await tile(mail.frame, 0, 0).locator(".chip").nth(9).hover();
  expect(await mail.frame.locator(".marked").allInnerTexts()).toEqual(["Subject", "Subject"]);
  const seen = Number(await mail.frame.locator(".spot-value").innerText());
  expect(Math.abs(seen / (11 * Math.sin(9)) - 1)).toBeLessThan(0.02); // stored in 8 bits
});

/** The formula of write_logs.py, `segments`. */
const bandOf = (example: number, y: number, x: number) => Math.floor((x + y) / 8) + example;
const bandValue = (step: number, band: number) => ((step + 1) * (band - 4)) / 16;
const BANDS = Array.from({ length: 8 }, (_, band) => band);

test("segments are drawn with their own values on a scale of segments, with lines between them", async () => {
  const opened = await openRun("bands");
  const { page, frame } = opened;
  await showCells(opened);
  const all = [0, 10, 20].flatMap((step) =>
    [0, 1, 2].flatMap((example) => BANDS.map((band) => bandValue(step, band + example))),
  );
  const vmax = percentileOf(histogram(all), 0.99);
  const picture = pictures(opened, EXAMPLE)[1]!;
  const seen = await cellColours(page, picture, 32, 32);
  const colour = (y: number, x: number) => colourOf(bandValue(STEP, bandOf(EXAMPLE, y, x)), vmax);
  const rows = Array.from({ length: 32 }, (_, at) => at);
  expect(seen).toEqual(rows.map((y) => rows.map((x) => colour(y, x))));
  await point(opened, picture, 20.5 / 32, 3.5 / 32);
  expect((await frame.locator(".tip").innerText()).split("\n")).toEqual([
    `−0.6875 (${Math.round(68.75 / vmax)}% of the scale)`,
    "segment 3 (one of 8)",
    "stored exactly",
    "percentile 37.5 of |scores| of this map’s segments",
    "row 3, column 20 of 32 × 32",
  ]);
  await page.mouse.move(2, 2);
  // Enlarged, the line between two cells is as thin as before: its middle is dark, the cells beside it are not.
  await frame.locator(".row").nth(EXAMPLE).focus();
  for (let press = 0; press < 5; press++) {
    await page.keyboard.press("+");
  }
  const layers = picture.locator(".layers");
  const zoom = (await boxOf(layers)).width / 144;
  expect(zoom).toBeCloseTo(1.5 ** 5, 1);
  const line = (await cellColours(page, picture, 9, 144))[3]!; // within row 15
  const dark = line.map((channels) => Math.max(...channels) < 200);
  const crossed = dark.flatMap((isDark, x) => (isDark && !dark[x - 1] ? [x] : []));
  const edges = rows
    .filter((x) => bandOf(EXAMPLE, 15, x) !== bandOf(EXAMPLE, 15, x - 1))
    .map((x) => ((x / 32 - 0.5) * zoom + 0.5) * 144)
    .filter((x) => x > 0 && x < 144);
  expect(crossed.length).toBe(edges.length);
  isNear(
    crossed.map((x) => x / 144),
    edges.map((x) => x / 144),
  );
  expect(dark.filter(Boolean).length).toBeLessThanOrEqual(2 * crossed.length);
  expect(opened.complaints).toEqual([]);
});

test("tokens of a segment have one colour and stand together", async () => {
  const { frame } = await openRun("pairs");
  const chips = tile(frame, 0).locator(".chip");
  expect(await chips.allInnerTexts()).toEqual([..."abcdef"]);
  const joined = await chips.evaluateAll((all) => all.map((chip) => chip.classList.contains("joined")));
  expect(joined).toEqual([false, true, false, true, false, true]);
  const colours = await chips.evaluateAll((all) => all.map((chip) => getComputedStyle(chip).backgroundColor));
  expect(colours.map((colour) => colours.indexOf(colour))).toEqual([0, 0, 2, 2, 4, 4]);
  await chips.nth(5).hover();
  expect(await frame.locator(".tip").innerText()).toContain("segment 5 (one of 3)");
});

test("what is in no segment is drawn as nothing and says so", async () => {
  const opened = await openRun("framed");
  await showCells(opened);
  const picture = pictures(opened, EXAMPLE)[1]!;
  const seen = await cellColours(opened.page, picture, 32, 32);
  const edge = seen.flatMap((row, y) => row.filter((_, x) => Math.min(x, y, 31 - x, 31 - y) < 4));
  expect(new Set(edge.map(String))).toEqual(new Set([String(colourOf(0, 1))]));
  expect(seen[8]![8]).not.toEqual(colourOf(0, 1));
  await point(opened, picture, 1.5 / 32, 3.5 / 32);
  expect((await opened.frame.locator(".tip").innerText()).split("\n")).toEqual([
    "in no segment: it always stays as it is",
    "row 3, column 1 of 32 × 32",
  ]);
  expect(opened.complaints).toEqual([]);

  const { frame } = await openRun("added");
  const chips = tile(frame, 0).locator(".chip");
  const clear = await chips.evaluateAll((all) => all.map((chip) => getComputedStyle(chip).backgroundColor));
  expect(clear.map((colour) => colour === "rgba(0, 0, 0, 0)")).toEqual([true, false, false, false, true, true]);
  const joined = await chips.evaluateAll((all) => all.map((chip) => chip.classList.contains("joined")));
  expect(joined).toEqual([false, false, true, false, false, false]);
});

test("a row is saved as it is on the screen, enlarged or not, with the ends of its bar", async () => {
  const opened = await openRun("floats");
  const { page, frame } = opened;
  await showCells(opened);
  const all = [0, 10, 20].flatMap((step) => [0, 1, 2].flatMap((example) => knownMap(step, example).flat()));
  const vmax = percentileOf(histogram(all), 0.99);
  const map = knownMap(STEP, EXAMPLE);
  await frame.locator(".row").nth(EXAMPLE).focus();
  for (const zoom of [1, 1.5]) {
    const saved = await savedRow(opened, () => page.keyboard.press("e"));
    const { name, picture, at } = saved;
    expect(name).toBe("1_floats_step-10.png");
    expect(picture.width).toBe(2 * SHEET.margin + 3 * SHEET.pitch - 32); // three columns and the gaps between them
    const shares = Array.from({ length: 12 }, (_, i) => (i + 0.5) / 12);
    const cell = (share: number) => Math.floor((0.5 + (share - 0.5) / zoom) * SIDE);
    const side = 2 * 144;
    const left = SHEET.margin + SHEET.pitch;
    expect(shares.map((y) => shares.map((x) => at(left + x * side, SHEET.margin + y * side)))).toEqual(
      shares.map((y) => shares.map((x) => colourOf(map[cell(y)]![cell(x)]!, vmax))),
    );
    const ends = [-vmax, 0, vmax].map((value) => colourOf(value, vmax));
    expect(barRows(saved, ends).length).toBe(2 * 28); // of two methods
    await page.keyboard.press("+");
  }
  expect(opened.complaints).toEqual([]);
});

test("a row of segments over the picture, is saved with the same colours", async () => {
  const opened = await openRun("bands");
  const { frame } = opened;
  const { name, at } = await savedRow(opened, () =>
    frame.getByRole("button", { name: "Save example 0 and its maps as PNG" }).click(),
  );
  expect(name).toBe("0_bands_step-10.png");
  // The same pixels as on the screen, in the middle of a cell: grey base, heat with its alpha.
  const seen = await cellColours(opened.page, pictures(opened, 0)[1]!, 32, 32);
  const left = SHEET.margin + SHEET.pitch;
  const saved = seen.map((row, y) => row.map((_, x) => at(left + 9 * x + 4, SHEET.margin + 9 * y + 4)));
  const apart = saved.flatMap((row, y) =>
    row.flatMap((colour, x) => colour.map((c, i) => Math.abs(c - seen[y]![x]![i]!))),
  );
  expect(Math.max(...apart)).toBeLessThanOrEqual(2); // rounding of the blend
  expect(opened.complaints).toEqual([]);
});

test("Space shows the input in its own colours, over the heat or without it", async () => {
  const opened = await openRun("floats");
  const { page, frame } = opened;
  const [original, coarse] = pictures(opened, EXAMPLE) as [Locator, Locator];
  await frame.locator(".row").first().focus();
  const input = await cellColours(page, original, 5, 5);
  expect(new Set(input.flat().map(String)).size).toBeGreaterThan(10);
  for (const key of ["o", "o"]) {
    await page.keyboard.press(key);
    expect(await cellColours(page, coarse, 5, 5)).not.toEqual(input);
    await page.keyboard.down(" ");
    await coarse.and(frame.locator(".peeked")).waitFor();
    expect(await cellColours(page, coarse, 5, 5)).toEqual(input);
    await page.keyboard.up(" ");
    await coarse.and(frame.locator(":not(.peeked)")).waitFor();
  }
});
