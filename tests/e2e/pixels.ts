import * as chromatic from "d3-scale-chromatic";
import type { Frame, Locator, Page } from "playwright-core";
import { PNG } from "pngjs";

// Written down again, and not imported from the page: what is on the screen is compared with arithmetic that
// was done here. 9 classes each of colorbrewer2.org, from "supports" to "against".
const DIVERGING = {
  RdBu: ["b2182b", "d6604d", "f4a582", "fddbc7", "f7f7f7", "d1e5f0", "92c5de", "4393c3", "2166ac"],
  PuOr: ["b35806", "e08214", "fdb863", "fee0b6", "f7f7f7", "d8daeb", "b2abd2", "8073ac", "542788"],
};
// From 0 on; the page goes in straight lines between 33 of their colours.
const SEQUENTIAL = {
  viridis: chromatic.interpolateViridis,
  cividis: chromatic.interpolateCividis,
  magma: chromatic.interpolateMagma,
  grey: (t: number) => chromatic.interpolateGreys(1 - t),
};
const SEQUENTIAL_COLOURS = 33;
/** Colours that a look-up table tells apart between zero and the end. */
const STEPS_TO_THE_END = { diverging: 2047, sequential: 4094 };

export type Palette = keyof typeof DIVERGING | keyof typeof SEQUENTIAL;

function channels(colour: string): number[] {
  const hex = colour.match(/^#?([0-9a-f]{6})$/i)?.[1];
  return hex === undefined
    ? (colour.match(/\d+/g) ?? []).map(Number)
    : [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

function colours(palette: Palette): number[][] {
  if (palette in DIVERGING) {
    return DIVERGING[palette as keyof typeof DIVERGING].map(channels);
  }
  const at = SEQUENTIAL[palette as keyof typeof SEQUENTIAL];
  return Array.from({ length: SEQUENTIAL_COLOURS }, (_, i) => channels(at(i / (SEQUENTIAL_COLOURS - 1))));
}

/** The colour that a value has on a scale that ends at `vmax`. */
export function colourOf(value: number, vmax: number, palette: Palette = "RdBu", gamma = 1): number[] {
  const all = colours(palette);
  const diverging = palette in DIVERGING;
  const steps = STEPS_TO_THE_END[diverging ? "diverging" : "sequential"];
  const linear = Math.max(diverging ? -1 : 0, Math.min(1, Math.round((value / vmax) * steps) / steps));
  const t = Math.sign(linear) * Math.abs(linear) ** gamma;
  const at = (diverging ? (1 - t) / 2 : t) * (all.length - 1);
  const low = Math.min(all.length - 2, Math.floor(at));
  return all[low]!.map((channel, i) => Math.round(channel + (all[low + 1]![i]! - channel) * (at - low)));
}

const LOW_EXPONENT = -40;
const PER_OCTAVE = 8;
const BINS = 512;

/** Counts of |values| as they are logged: zeros, not finite, then eight bins per octave from 2^-40 on. */
export function histogram(values: readonly number[]): number[] {
  const counts = new Array<number>(2 + BINS).fill(0);
  for (const value of values) {
    const bin = Math.floor((Math.log2(Math.abs(value)) - LOW_EXPONENT) * PER_OCTAVE);
    counts[value === 0 ? 0 : 2 + bin]!++;
  }
  return counts;
}

/** The percentile of what such counts hold; values are spread evenly in log2 over their bin. */
export function percentileOf(counts: readonly number[], share: number): number {
  const [zeros = 0, , ...bins] = counts;
  let missing = share * (zeros + bins.reduce((sum, count) => sum + count, 0)) - zeros;
  for (const [bin, count] of bins.entries()) {
    if (count > 0 && missing <= count) {
      return 2 ** (LOW_EXPONENT + (bin + missing / count) / PER_OCTAVE);
    }
    missing -= count;
  }
  throw new Error("share is above 1");
}

/** Colours on the screen at the centres of `rows` x `columns` cells of an element. */
export async function cellColours(page: Page, element: Locator, rows: number, columns: number): Promise<number[][][]> {
  const box = await element.boundingBox();
  if (box === null) {
    throw new Error("the element is not on the screen");
  }
  const picture = PNG.sync.read(await page.screenshot());
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => {
      const x = Math.floor(box.x + ((column + 0.5) * box.width) / columns);
      const y = Math.floor(box.y + ((row + 0.5) * box.height) / rows);
      return [...picture.data.subarray((y * picture.width + x) * 4, (y * picture.width + x) * 4 + 3)];
    }),
  );
}

/** The tile of an example: rows and columns of the grid, from 0. */
export function tile(frame: Frame, row: number, column = 0): Locator {
  return frame.locator(`.virtual-row[data-index="${row}"] .cell`).nth(column);
}
