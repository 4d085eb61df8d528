import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, open, showCells } from "./browser";
import { cellColours, colourOf, histogram, percentileOf, tile } from "./pixels";
import { python, type TensorBoard, temporaryDirectory, tensorboard } from "./tensorboard";

const SIDE = 16;
const RUNS = ["keras/attribution", "torch/attribution"];
const STEPS = [0, 1, 2, 3];

/** run -> step -> maps of the examples. */
type Maps = Record<string, Record<number, number[][][]>>;

const logs = temporaryDirectory();
let browser: Browser;
let server: TensorBoard;
let maps: Maps;

beforeAll(async () => {
  const launched = launch();
  maps = JSON.parse(python("torch_beside_keras.py", logs.path).trim().split("\n").at(-1)!);
  server = await tensorboard(logs.path);
  browser = await launched;
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  logs.remove();
});

test("maps of a torch loop with Captum stand beside those of the same training in Keras, in the same colours", async () => {
  const runs = encodeURIComponent(RUNS.map(encodeURIComponent).join());
  const link = `&p.attribution.runs=${runs}&p.attribution.method=input_x_gradient&p.attribution.step=3`;
  const opened = await open(browser, server.url, link);
  await opened.page.setViewportSize({ width: 1280, height: 1400 });
  await showCells(opened);
  const heads = await opened.frame.locator(".heads .head").allInnerTexts();
  expect(heads.map((text) => text.split("\n").slice(0, 2))).toEqual([
    ["keras", "InputXGradient"],
    ["torch", "InputXGradient"],
  ]);
  const all = RUNS.flatMap((run) => STEPS.map((step) => maps[run]![step]!));
  const vmax = percentileOf(histogram(all.flat(3)), 0.99);
  for (const example of [0, 1, 2, 3]) {
    for (const [column, run] of RUNS.entries()) {
      const seen = await cellColours(opened.page, tile(opened.frame, example, column).locator(".picture"), SIDE, SIDE);
      expect(seen).toEqual(maps[run]![3]![example]!.map((row) => row.map((value) => colourOf(value, vmax))));
    }
  }
  expect(opened.complaints).toEqual([]);
});
