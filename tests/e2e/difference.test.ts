import { expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { countDraws, type Opened, settled, showCells } from "./browser";
import { knownMap, SIDE } from "./known";
import { cellColours, colourOf, histogram, percentileOf, tile } from "./pixels";
import { barRows, SHEET, savedRow } from "./saved_row";
import { stage } from "./stage";

const EXAMPLES = [0, 1, 2];
const on = stage(["differences", "targets", "table", "text", "series", "sweep", "thumbnails"]);

const run = (name: string) => `${name}/attribution`;

function link(runs: readonly string[], ...more: string[]): string {
  const names = encodeURIComponent(runs.map((name) => encodeURIComponent(run(name))).join());
  return [`runs=${names}`, ...more].map((part) => `&p.attribution.${part}`).join("");
}

/** A side of a difference as the link has it: a run, and a step of its own. */
type Side = readonly [run: string, step?: number, method?: string];

function difference(...sides: readonly [a: Side, b: Side]): string {
  const text = sides.map(([name, step, method = "saliency"]) =>
    [run(name), method, ...(step === undefined ? [] : [step])].map(encodeURIComponent).join(),
  );
  return `difference=${encodeURIComponent(text.join(":"))}`;
}

/** As `differences` of write_logs.py has it: maps of a run at the step that it shows, of those that it has. */
const SHOWN = {
  before: (step: number, example: number) => knownMap(Math.min(20, step), example),
  after: (step: number, example: number) => knownMap(2 * (step === 20 ? 10 : step) + 5, example),
};

function minus(b: number[][], a: number[][]): number[][] {
  return b.map((row, y) => row.map((value, x) => Math.fround(value - a[y]![x]!)));
}

const changed = (step: number, example: number) => minus(SHOWN.after(step, example), SHOWN.before(step, example));
const STEPS = [0, 10, 20, 30];
const end = (maps: readonly number[][][]) => percentileOf(histogram(maps.flat(2)), 0.99);
const SCORES = end(STEPS.flatMap((step) => EXAMPLES.map((example) => changed(step, example))));

/** Each map divided by its sum of |scores|, as logged: in single precision. */
function shares(map: number[][]): number[][] {
  const sum = Math.fround(map.flat().reduce((total, value) => total + Math.abs(value), 0));
  return map.map((row) => row.map((value) => Math.fround(value / sum)));
}

/** High enough for all rows: what scrolls may lie under the heads. */
async function openWhole(address: string): Promise<Opened> {
  const opened = await on.open(address);
  await opened.page.setViewportSize({ width: 1280, height: 1200 });
  await showCells(opened);
  return opened;
}

async function expectColours(
  opened: Opened,
  map: (example: number) => number[][],
  vmax: number,
  column: number,
  examples = EXAMPLES,
) {
  for (const example of examples) {
    const picture = tile(opened.frame, example, column).locator(".picture");
    const seen = await cellColours(opened.page, picture, SIDE, SIDE);
    expect(seen).toEqual(map(example).map((row) => row.map((value) => colourOf(value, vmax))));
  }
}

const bar = ({ frame }: Opened) => frame.locator('.colour-bar[data-tag="/difference"]');
const head = ({ frame }: Opened) => frame.locator(".head").last();
const BOTH = link(["before", "after"], difference(["before"], ["after"]));

test("B - A of two runs has the colours of its values on a scale of its own, which stays while a person scrubs", async () => {
  const opened = await openWhole(`${BOTH}&p.attribution.step=10`);
  const { page, frame, complaints } = opened;
  await expectColours(opened, (example) => changed(10, example), SCORES, 2);
  expect((await head(opened).innerText()).split("\n")).toEqual(["B − A", "saliency", "B after", "A before", "scores"]);
  expect(await frame.locator(".head-run").allInnerTexts()).toEqual(["after\nB", "before\nA"]);
  expect(await bar(opened).locator(".bar-notes").innerText()).toMatch(/^P99 of \|B − A\| over 4 of 4 steps, \d%/);
  expect(await bar(opened).locator(".bar-end em").allInnerTexts()).toEqual(["more in A", "more in B"]);
  expect(await tile(frame, 1, 2).locator(".caption").innerText()).toMatch(/^p\(ring\) \.67 → \.50\ncosine [\d.]+$/);
  const ends = await bar(opened).locator(".vmax").innerText();
  const draws = await countDraws(opened);
  const go = async (key: string, columns: number) => {
    await page.keyboard.press(key);
    await settled(frame);
    expect(await draws()).toBe(columns * EXAMPLES.length);
    expect(await bar(opened).locator(".vmax").innerText()).toBe(ends);
  };
  await go("ArrowRight", 2); // step 20, which `after` has not: it holds step 10 as it was drawn, dimmed
  expect(await tile(frame, 0, 2).locator(".badge").allInnerTexts()).toEqual(["B still step 10"]);
  expect(await tile(frame, 0, 2).locator(".tile.held").count()).toBe(1);
  await go("Home", 3);
  await expectColours(opened, (example) => changed(0, example), SCORES, 2);
  expect(complaints).toEqual([]);
});

test("a saved row has B - A with its own bar and both steps; a side that holds an earlier step is as dim as on screen", async () => {
  const opened = await openWhole(`${BOTH}&p.attribution.step=20`); // `after` has none: it holds step 10
  const { page, frame, complaints } = opened;
  await frame.locator(".row").nth(1).focus();
  const saved = await savedRow(opened, () => page.keyboard.press("e"));
  const pixel = (column: number, y: number, x: number) => {
    const place = (cell: number) => SHEET.margin + Math.floor(((cell + 0.5) * 2 * 144) / SIDE);
    return saved.at(column * SHEET.pitch + place(x), place(y));
  };
  const cells = (column: number) =>
    Array.from({ length: SIDE }, (_, y) => Array.from({ length: SIDE }, (_, x) => pixel(column, y, x)));
  const painted = (map: number[][], vmax: number) => map.map((row) => row.map((value) => colourOf(value, vmax)));
  const ofRun = (name: keyof typeof SHOWN) => STEPS.flatMap((step) => EXAMPLES.map((one) => SHOWN[name](step, one)));
  const own = (name: keyof typeof SHOWN) =>
    ofRun(name).filter((_, at) => STEPS[Math.floor(at / 3)] !== (name === "after" ? 20 : 30));
  const series = end([...own("before"), ...own("after")]);
  expect(cells(2)).toEqual(painted(SHOWN.before(20, 1), series));
  // Half of a colour is rounded in one way on the screen and in another one in the file.
  const apart = (one: number[][][], other: number[][][]) =>
    Math.max(...one.flat(2).map((channel, at) => Math.abs(channel - other.flat(2)[at]!)));
  for (const [inFile, onScreen] of [
    [1, 0],
    [3, 2],
  ] as const) {
    const picture = tile(frame, 1, onScreen).locator(".picture");
    expect(apart(cells(inFile), await cellColours(page, picture, SIDE, SIDE))).toBeLessThanOrEqual(1);
  }
  const pale = painted(changed(20, 1), SCORES).map((row) => row.map((colour) => colour.map((c) => (c + 255) / 2)));
  expect(apart(cells(3), pale)).toBeLessThanOrEqual(1);
  const ends = [-1, 0, 1].map((value) => colourOf(value, 1));
  expect(barRows(saved, ends).length).toBe(2 * 28); // of the method, and of the difference
  expect(saved.lines.join("\n")).toContain(
    ["B − A", "B: Saliency", "margin of label", "run after", "still step 10", "no map of step 20"].join("\n"),
  );
  expect(saved.lines.join("\n")).toContain(["A: Saliency", "margin of label", "run before", "step 20"].join("\n"));
  expect(saved.lines.filter((line) => line === "still step 10").length).toBe(2); // of the run, and of B
  expect(saved.lines).toContain("B − A: its own scale");
  expect(saved.lines.filter((line) => /^P99 of \|B − A\| over 4 of 4 steps/.test(line)).length).toBe(1);
  expect(complaints).toEqual([]);
});

test("a pointer reads B - A, and what A and B have there", async () => {
  const { page, frame } = await openWhole(`${BOTH}&p.attribution.step=10`);
  const box = await tile(frame, 1, 2).locator(".picture").boundingBox();
  const cell = (box?.width ?? 0) / SIDE;
  await page.mouse.move((box?.x ?? 0) + 2.5 * cell, (box?.y ?? 0) + 5.5 * cell);
  const [a, b] = [SHOWN.before(10, 1)[5]![2]!, SHOWN.after(10, 1)[5]![2]!];
  const lines = (await frame.locator(".tip").innerText()).split("\n");
  expect(lines[0]).toContain(`B − A +${(b - a).toPrecision(4)} (`);
  expect(lines.slice(1)).toEqual([
    `A +${a.toPrecision(4)}, B +${b.toPrecision(4)}`,
    "row 5, column 2 of 8 × 8",
    "input rows 20–23, columns 8–11",
  ]);
});

test("the key D takes the first two columns that can be compared, and takes the difference away again", async () => {
  const opened = await on.open(link(["other_parameters", "before", "after"]));
  const { page, frame } = opened;
  const button = frame.getByRole("button", { name: "Difference", exact: true });
  expect(await button.getAttribute("aria-pressed")).toBe("false");
  await page.keyboard.press("d");
  await settled(frame);
  const chosen = (side: string) => frame.getByRole("combobox", { name: `${side} of the difference B − A` });
  expect([await chosen("A").inputValue(), await chosen("B").inputValue()].map((value) => JSON.parse(value)[0])).toEqual(
    [run("after"), run("before")],
  );
  await expect.poll(() => new URL(page.url()).hash).toContain(`&p.attribution.${difference(["after"], ["before"])}`);
  expect(await frame.locator(".head").count()).toBe(4);
  await page.keyboard.press("d");
  expect(await frame.locator(".head").count()).toBe(3);
  await expect.poll(() => new URL(page.url()).hash).not.toContain("difference");
  expect(await button.getAttribute("aria-pressed")).toBe("false");
});

test.each<[string, string]>([
  ["other_target", "target: label in A, predicted in B"],
  ["other_parameters", "parameter samples: 4 in A, 8 in B"],
])("%s is refused by name, and nothing is drawn", async (other, reason) => {
  const opened = await on.open(link(["before", "after", other], difference(["before"], ["after"])));
  const { frame, complaints } = opened;
  const heat = tile(frame, 0, 3).locator(".heat");
  expect(await heat.count()).toBe(1);
  const select = frame.getByRole("combobox", { name: "B of the difference B − A" });
  await select.selectOption({ label: `${other} · saliency` });
  await settled(frame);
  const words = (await frame.locator(".colour-bar").last().innerText()).split("\n");
  expect(words).toEqual(["B − A", "refused", reason]);
  expect(await head(opened).innerText()).toContain(`refused ${reason}`);
  expect(await tile(frame, 0, 3).innerText()).toBe("B − A is refused; the column’s head says why.");
  expect(await heat.count()).toBe(0);
  expect(complaints).toEqual([]);
});

test("two probes are refused, beside the rows of A", async () => {
  const opened = await on.open(link(["before", "other_probe"], difference(["before"], ["other_probe"])));
  const words = await opened.frame.locator(".colour-bar").last().innerText();
  expect(words).toMatch(/refused\s+probe: [0-9a-f]+ in A, [0-9a-f]+ in B/);
  expect(await opened.frame.locator(".heads").first().locator(".head").count()).toBe(2);
});

test("a side that is not there is named; a text that is no difference too", async () => {
  const { frame } = await on.open(link(["before"], difference(["before"], ["after"])));
  expect(await frame.locator(".notices").innerText()).toContain(
    "B of the difference is not on screen: saliency of run after/attribution.",
  );
  await on.open(link(["before"], "difference=soon"));
  expect(await frame.locator(".notices").innerText()).toContain(
    "The link's difference=soon was ignored: a difference stands as A:B",
  );
});

test("a film strip is compared in shares, its first step with the one on screen", async () => {
  const opened = await openWhole(link(["before"], "across=steps"));
  const { page, frame } = opened;
  await page.keyboard.press("d");
  await settled(frame);
  await expect.poll(() => new URL(page.url()).hash).toContain("&p.attribution.scope=share");
  const drift = (step: number, example: number) => minus(shares(knownMap(step, example)), shares(knownMap(0, example)));
  const vmax = end([0, 10, 20].flatMap((step) => EXAMPLES.map((example) => drift(step, example))));
  await expectColours(opened, (example) => drift(20, example), vmax, 3, [1, 2]);
  // Its map grows, and nothing else: what share each cell has stays.
  expect(await tile(frame, 0, 3).locator(".tile-words").innerText()).toBe("all differences are 0");
  expect(await bar(opened).locator(".badge").innerText()).toBe("scale-free");
  expect(await bar(opened).locator(".bar-notes").innerText()).toContain(
    "P99 of |B − A| in shares of each map’s sum of |scores| over 3 of 3 steps",
  );
  expect((await head(opened).innerText()).split("\n")).toEqual([
    "B − A",
    "before · saliency",
    "B step 20",
    "A step 0",
    "shares of each map’s sum of |scores|",
  ]);
  await page.keyboard.press("ArrowLeft");
  await settled(frame);
  await expectColours(opened, (example) => drift(10, example), vmax, 2, [1, 2]);
  expect(await head(opened).innerText()).toContain("B step 10");
  await page.keyboard.press("Home");
  await settled(frame);
  expect(await tile(frame, 1, 1).locator(".tile-words").innerText()).toBe("all differences are 0");
});

test("a difference of two steps stands by itself when the strip is gone, also from a cold load", async () => {
  const opened = await openWhole(link(["before"], "step=20", difference(["before", 10], ["before", 0])));
  const map = (example: number) => minus(knownMap(0, example), knownMap(10, example));
  await expectColours(opened, map, end(EXAMPLES.map(map)), 1);
  expect(await bar(opened).locator(".bar-notes").innerText()).toContain("over this pair of steps");
});

test("the end of its scale is typed; the link keeps it, an empty box gives it back", async () => {
  const opened = await openWhole(`${BOTH}&p.attribution.step=10`);
  const { page, frame } = opened;
  const entry = frame.getByRole("spinbutton", { name: "End of the colour scale of B − A" });
  const ends = await bar(opened).locator(".vmax").innerText();
  await entry.fill("0.5");
  await entry.press("Enter");
  await expectColours(opened, (example) => changed(10, example), 0.5, 2);
  expect(await bar(opened).locator(".bar-notes").innerText()).toContain("set by hand");
  await expect
    .poll(() => new URL(page.url()).hash)
    .toContain("&p.attribution.scope=manual&p.attribution.ends=%252Fdifference%3A0.5");
  await entry.fill("");
  await entry.press("Enter");
  expect(await bar(opened).locator(".vmax").innerText()).toBe(ends);
});

test("what the storage has rounded is no difference", async () => {
  const { frame } = await on.open(link(["before", "rounded"], difference(["before"], ["rounded"]), "step=10"));
  expect(await tile(frame, 1, 2).locator(".tile-words").innerText()).toBe("no difference beyond the noise of A and B");
});

test("the target picker changes both sides; it is closed where no method on screen tells classes apart", async () => {
  const both = link(["first", "second"], "method=saliency", difference(["first"], ["second"]), "step=10");
  const opened = await openWhole(both);
  const { frame } = opened;
  const map = (add: number) => (step: number) => (example: number) =>
    minus(knownMap(2 * step + add, example), knownMap(step + add, example));
  const vmax = (add: number) => end([0, 10].flatMap((step) => EXAMPLES.map(map(add)(step))));
  await expectColours(opened, map(0)(10), vmax(0), 2);
  const picker = frame.getByRole("combobox", { name: "Target" });
  await picker.selectOption("dog");
  await settled(frame);
  await expectColours(opened, map(100)(10), vmax(100), 2);
  expect(await picker.isDisabled()).toBe(false);
  await on.open(link(["first", "second"], "method=edges"));
  expect(await picker.isDisabled()).toBe(true);
  expect(await frame.locator(".top-bar").innerText()).toContain("the same for every class");
});

test("the choices of a difference leave the other ones on their line", async () => {
  const { frame } = await on.open(link(["first", "second"], difference(["first"], ["second"])));
  await frame.getByRole("combobox", { name: "B of the difference" }).waitFor();
  const middles = await frame
    .locator(".top-bar button:not(.side-toggle), .top-bar select")
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ top, bottom }) => (top + bottom) / 2));
  expect(middles.length).toBe(10); // two methods, target, side by side, three of the difference, three of the page
  expect(Math.max(...middles) - Math.min(...middles)).toBeLessThan(2);
});

test.each<[string, string]>([
  ["tumours", ".score"],
  ["mail", ".chip"],
  ["gesture", ".strip"],
])("%s: the last step less the first, part by part", async (name, part) => {
  const opened = await on.open(link([name], "across=steps"));
  const { page, frame, complaints } = opened;
  await page.keyboard.press("d");
  await page.keyboard.press("s");
  await settled(frame);
  const column = (await frame.locator(".heads .head").count()) - 1;
  const parts = (at: number) => tile(frame, 0, at).locator(part);
  expect(await parts(column).count()).toBe(await parts(0).count());
  await parts(column).nth(1).hover();
  const lines = (await frame.locator(".tip").innerText()).replaceAll("−", "-").split("\n");
  const read = (line: RegExp) => lines.flatMap((text) => line.exec(text)?.slice(1).map(Number) ?? []);
  const [seen = Number.NaN] = read(/^B - A ([-+.e\d]+)/);
  const [a = Number.NaN, b = Number.NaN] = read(/^A ([-+.e\d]+), B ([-+.e\d]+)$/);
  expect(Math.abs(seen - (b - a))).toBeLessThan(2e-3 * (Math.abs(a) + Math.abs(b)));
  expect(b).not.toBe(a);
  expect(complaints).toEqual([]);
});

test("thumbnails are pooled, stored cells are subtracted when the thumb rests", async () => {
  const opened = await on.open(link(["thumbnails"], "method=integrated_gradients", "across=steps"));
  const { page, frame } = opened;
  await page.keyboard.press("d");
  await settled(frame);
  expect(await bar(opened).locator(".bar-notes").innerText()).toContain("of thumbnails, means of several stored cells");
  const heat = tile(frame, 0, 3).locator(".heat");
  expect(await heat.evaluate((canvas) => (canvas as HTMLCanvasElement).width)).toBe(96);
});

test("its scale is one request, whatever the number of steps; a step is still at most two", async () => {
  const runs = [0, 1, 2, 3, 4].map((at) => `sweep/${at}`);
  const opened = await on.open(link(runs, "method=a%2Cb%2Cc"));
  const { page, frame } = opened;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(...(/attribution\/(\w+)/.exec(request.url())?.slice(1) ?? [])));
  await page.keyboard.press("d");
  await settled(frame);
  expect(asked.filter((route) => route !== "static")).toEqual(["maps"]);
  expect(await bar(opened).locator(".bar-notes").innerText()).toContain("over 16 of 60 steps");
  asked.length = 0;
  await frame.getByRole("slider", { name: "Step", exact: true }).fill("10");
  await settled(frame);
  expect(asked).toEqual(["maps", "maps"]);
});

test("axe finds nothing serious with a difference", async () => {
  await expectAccessible(await on.open(BOTH));
});

test("axe finds nothing serious with a refusal", async () => {
  await expectAccessible(await on.open(link(["before", "other_target"], difference(["before"], ["other_target"]))));
});
