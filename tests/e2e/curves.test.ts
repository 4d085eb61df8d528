import AxeBuilder from "@axe-core/playwright";
import type { Frame } from "playwright-core";
import { expect, test } from "vitest";
import { open, settled } from "./browser";
import { stage } from "./stage";

const on = stage(["curves"]);
const RUNS = `&p.attribution.runs=${encodeURIComponent([0, 1].map((run) => encodeURIComponent(`curves/${run}/attribution`)).join())}`;
const END = 100;

/** As `loss` of made_up_curves.py has it. */
const loss = (run: number, step: number) => ((run + 1) * 50) / (50 + step);

async function opened(link = "") {
  const all = await on.open(`${RUNS}&p.attribution.curves=true${link}`);
  await all.frame.locator(".curve-cursor").waitFor();
  return all;
}

/** Where the plot begins, how wide it is, and where the cursor stands in it. */
async function places(frame: Frame) {
  const plot = (await frame.locator(".u-over").boundingBox())!;
  const cursor = (await frame.locator(".curve-cursor").boundingBox())!;
  return { plot, cursor: (cursor.x + cursor.width / 2 - plot.x) / plot.width };
}

const cells = (frame: Frame) =>
  frame
    .locator(".curve-values tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => (cell as HTMLElement).innerText.trim())));

test("closed, the strip costs no request; opened, one for its code and one for its scalars, and it stays open", async () => {
  const { page, frame, complaints } = await open(on.browser, on.server.url, RUNS);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  expect(await frame.locator(".curves").count()).toBe(0);
  await frame.getByRole("button", { name: /^Curves/ }).click();
  await frame.locator(".curve-cursor").waitFor();
  await settled(frame);
  expect(asked.filter((url) => /static\/curve_strip-[\w-]{8}\.js$/.test(url)).length).toBe(1);
  const scalars = asked.filter((url) => url.includes("/scalars?"));
  expect(scalars.length).toBe(1);
  expect(new URL(scalars[0]!).searchParams.getAll("tag").sort()).toEqual([
    "fit/loss",
    "fit/loss",
    "fit/val_loss",
    "fit/val_loss",
  ]);
  await expect.poll(() => page.url()).toContain("p.attribution.curves=true");
  await page.reload();
  const again = await (await page.waitForSelector("iframe", { state: "attached" })).contentFrame();
  await again!.locator(".curve-cursor").waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("the cursor is the slider, the table has the values there, and a click goes to the nearest step", async () => {
  const { page, frame, complaints } = await opened("&p.attribution.step=50");
  await expect.poll(async () => (await places(frame)).cursor).toBeCloseTo(0.5, 2);
  expect(await cells(frame)).toEqual([
    ["curves/0", loss(0, 50).toPrecision(4), `${(1.1 * loss(0, 40)).toPrecision(4)} of step 40`],
    ["curves/1", loss(1, 50).toPrecision(4), `${(1.1 * loss(1, 40)).toPrecision(4)} of step 40`],
  ]);
  const step = frame.getByRole("spinbutton", { name: "step" });
  const { plot } = await places(frame);
  const at = (wanted: number) => plot.x + (wanted / END) * plot.width;
  await page.mouse.click(at(23), plot.y + plot.height / 2);
  expect(await step.inputValue()).toBe("20");
  await expect.poll(async () => (await places(frame)).cursor).toBeCloseTo(0.2, 2);
  await page.mouse.move(at(20), plot.y + 9);
  await page.mouse.down();
  await page.mouse.move(at(71), plot.y + 9, { steps: 4 });
  await page.mouse.up();
  expect(await step.inputValue()).toBe("70");
  await page.keyboard.press("End");
  await expect.poll(async () => (await places(frame)).cursor).toBeCloseTo(1, 2);
  await page.setViewportSize({ width: 1000, height: 800 });
  await expect.poll(async () => (await places(frame)).plot.width).toBeLessThan(plot.width);
  await expect.poll(async () => (await places(frame)).cursor).toBeCloseTo(1, 2);
  expect(complaints).toEqual([]);
});

test("shares in regions, BatchNorm's accuracies and p(target) can be chosen, and the address keeps which", async () => {
  const { page, frame } = await opened("&p.attribution.step=20");
  const picker = frame.locator(".curve-picker select");
  await picker.selectOption({ label: "saliency/object" });
  await expect
    .poll(() => cells(frame))
    .toEqual([
      ["curves/0", "0.3000"],
      ["curves/1", "0.2500"],
    ]);
  await expect.poll(() => page.url()).toContain(`p.attribution.curve=${encodeURIComponent("region/saliency/object")}`);
  await picker.selectOption({ label: "accuracy on the probe" });
  await expect.poll(async () => (await cells(frame))[0]).toEqual(["curves/0", "0.4000", "0.8000"]);
  await picker.selectOption({ label: "mean p(target)" });
  // Of three examples two are .34 + .65 x .2 sure of the right class; the last one gives it half of what they leave.
  const p = 0.34 + 0.65 * 0.2;
  const mean = (2 * p + (1 - p) / 2) / 3;
  await expect.poll(async () => (await cells(frame))[0]).toEqual(["curves/0", mean.toPrecision(4)]);
});

test("at 360 pixels the maps keep their room when the strip opens, and the slider stays on the screen", async () => {
  const { page, frame } = await opened();
  await page.setViewportSize({ width: 360, height: 740 });
  await settled(frame);
  expect((await frame.locator(".grid").boundingBox())!.height).toBeGreaterThan(740 / 4);
  const slider = (await frame.getByRole("slider", { name: "Step", exact: true }).boundingBox())!;
  expect(slider.y + slider.height).toBeLessThanOrEqual(740);
  expect(await frame.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await frame.locator(".curve-picker select").evaluate((select) => select.scrollIntoView({ block: "nearest" }));
  const picker = (await frame.locator(".curve-picker").boundingBox())!;
  expect(picker.y + picker.height).toBeLessThanOrEqual(slider.y);
});

test("a line has the colour of its run; axe finds nothing, light and dark", async () => {
  const { page, frame } = await opened("&p.attribution.step=50");
  for (const dark of [false, true]) {
    await page.evaluate((on) => document.body.classList.toggle("dark-mode", on), dark);
    await frame.waitForFunction((on) => document.documentElement.classList.contains("dark") === on, dark);
    await settled(frame);
    const found = await frame.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>(".curves canvas")!;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      const seen = new Set<string>();
      for (let at = 0; at < data.length; at += 4) {
        seen.add(`rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`);
      }
      const dots = [...document.querySelectorAll(".curve-values .dot")];
      return dots.map((dot) => seen.has(getComputedStyle(dot).backgroundColor));
    });
    expect(found).toEqual([true, true]);
    const { violations, passes } = await new AxeBuilder({ page }).include(["iframe", ".curves"]).analyze();
    expect(passes.length).toBeGreaterThan(3);
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`)).toEqual([]);
  }
});
