import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, open, settled, showCells } from "./browser";
import { cellColours, colourOf, percentileOf, tile } from "./pixels";
import { python, type TensorBoard, temporaryDirectory, tensorboardWithTensorFlow } from "./tensorboard";

const SIDE = 16;
const logs = temporaryDirectory();
let browser: Browser;
// Of a real fit, by step: maps [example][row][column], and whether BatchNorm's statistics have caught up. The counts are
// those of the logged histograms, of all steps: of scores as they were before the stored code rounded them.
let fit: { maps: Record<string, number[][][]>; counts: number[]; warm: Record<string, boolean> };

beforeAll(async () => {
  // The callback's start-up line comes first.
  fit = JSON.parse(python("fit.py", logs.path).trim().split("\n").at(-1) ?? "");
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  logs.remove();
});

describe.each([
  ["the data server", ["--load_fast=true"]],
  ["the Python loader below a path", ["--load_fast=false", "--path_prefix=/a/b"]],
])("a fit's maps through %s", (_name, flags) => {
  let server: TensorBoard;
  beforeAll(async () => {
    server = await tensorboardWithTensorFlow(logs.path, ...flags);
  });
  afterAll(async () => {
    await server?.stop();
  });

  test("the tab lights up, pixels are the colour arithmetic, and steps share one scale", async () => {
    const opened = await open(browser, server.url, "&p.attribution.method=integrated_gradients");
    const { page, frame, complaints } = opened;
    expect(await page.locator(".active-plugin, [role=tab][aria-selected=true]").first().innerText()).toMatch(
      /attribution/i,
    );
    await showCells(opened);

    const { maps, counts, warm } = fit;
    expect(new Set(Object.values(warm)).size).toBe(2);
    const vmax = percentileOf(counts, 0.99);
    const bar = await frame.locator(".colour-bar .vmax").innerText();
    expect(bar).toBe(`≥ +${vmax.toPrecision(3)}`);
    const slider = frame.getByRole("slider", { name: "Step", exact: true });
    const steps = Object.keys(maps).map(Number);
    expect(steps.length).toBeGreaterThan(2);
    for (const [at, step] of steps.entries()) {
      await slider.fill(String(at));
      await settled(frame);
      expect(await slider.getAttribute("aria-valuetext")).toMatch(new RegExp(`^step ${step}, epoch \\d, ${at + 1} of`));
      expect(await frame.locator(".colour-bar .vmax").innerText()).toBe(bar);
      expect(await frame.locator(".warmth").innerText()).toBe(warm[step] ? "BatchNorm warm" : "BatchNorm not warm");
      if (!warm[step]) {
        expect(await frame.locator(".warmth + .unseen").innerText()).toContain(
          "The maps of this step are of the moving statistics",
        );
      }
      const seen = await cellColours(page, tile(frame, 0).locator(".picture"), SIDE, SIDE);
      expect(seen).toEqual(maps[step]?.[0]?.map((row) => row.map((value) => colourOf(value, vmax))));
    }
    expect(complaints).toEqual([]);
    await page.close();
  });
});
