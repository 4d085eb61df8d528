import { readFileSync } from "node:fs";
import knots from "virtual:colour-knots";
import { describe, expect, test } from "vitest";
import { crc32 } from "#src/data/crc32";
import { type ColourMap, rgb } from "#src/math/colour";
import { inkOn } from "#src/math/contrast";
import { enlarge, plane } from "#src/math/grid";
import { clippedShare, histogramOf, quantile } from "#src/math/histogram";
import { colourise, entry, lookupTable } from "#src/math/lookup";
import { numeral, percent, probability, signed } from "#src/math/numerals";

type Stored = number | string | null;

interface Table {
  colours: ColourMap;
  signed: boolean;
  gamma: number;
  overlay: boolean;
  crc: number;
  some: Record<string, number[]>;
}

interface Golden {
  knots: Record<ColourMap, number[][]>;
  places: number[];
  rgb: Record<ColourMap, number[][]>;
  tables: Table[];
  values: Stored[];
  entries: { signed: number[]; unsigned: number[] };
  pixels: { vmax: number; signed: boolean; gamma: number; colours: ColourMap; values: Stored[]; rgba: number[] }[];
  layout: { lowExponent: number; perOctave: number; bins: number };
  histograms: { counts: number[]; quantiles: Record<string, number>; clipped: Record<string, number> }[];
  enlargements: { shape: number[]; height: number; width: number; values: Stored[]; enlarged: Stored[] }[];
  inks: [[number, number, number], number[]][];
  words: { value: Stored; numeral: string; two: string; signed: string; percent: string; probability: string }[];
}

const FILE = new URL("../../../tests/golden/drawing/colours.json", import.meta.url);
const golden = JSON.parse(readFileSync(FILE, "utf8")) as Golden;

function number(value: Stored): number {
  return value === null ? Number.NaN : value === "inf" ? Infinity : value === "-inf" ? -Infinity : (value as number);
}

function floats(values: readonly Stored[]): Float32Array {
  return Float32Array.from(values, number);
}

describe("what Python draws is what the page draws", () => {
  test("knots of every colour map", () => {
    expect(golden.knots).toEqual(knots);
  });

  test("colours between them", () => {
    for (const [name, colours] of Object.entries(golden.rgb) as [ColourMap, number[][]][]) {
      expect(
        golden.places.map((place) => rgb(name, place)),
        name,
      ).toEqual(colours);
    }
  });

  test.each(golden.tables)("table of $colours, gamma $gamma, overlay $overlay", (wanted) => {
    const table = lookupTable(wanted.colours, wanted, wanted.overlay);
    for (const [at, colour] of Object.entries(wanted.some)) {
      expect([...table.slice(4 * Number(at), 4 * Number(at) + 4)], `entry ${at}`).toEqual(colour);
    }
    expect(crc32(new Uint8Array(table.buffer))).toBe(wanted.crc);
  });

  test("entries of values", () => {
    const values = [...floats(golden.values)];
    for (const side of ["signed", "unsigned"] as const) {
      const scale = { vmax: 2, signed: side === "signed", gamma: 1 };
      expect(values.map((value) => entry(value, scale))).toEqual(golden.entries[side]);
    }
  });

  test.each(golden.pixels)("pixels in $colours, gamma $gamma", ({ colours, values, rgba, ...scale }) => {
    expect([...colourise(floats(values), scale, lookupTable(colours, scale, true))]).toEqual(rgba);
  });

  test("ends of scales", () => {
    for (const { counts, quantiles, clipped } of golden.histograms) {
      const histogram = histogramOf(golden.layout, counts);
      for (const [share, value] of Object.entries(quantiles)) {
        expect(Math.abs(quantile(histogram, Number(share)) - value)).toBeLessThanOrEqual(1e-14 * value);
      }
      for (const [vmax, share] of Object.entries(clipped)) {
        expect(Math.abs(clippedShare(histogram, Number(vmax)) - share)).toBeLessThanOrEqual(1e-12);
      }
    }
  });

  test("enlarged maps, to the bit", () => {
    for (const { shape, height, width, values, enlarged } of golden.enlargements) {
      expect(enlarge(plane(floats(values), shape)!, height, width).values).toEqual(floats(enlarged));
    }
  });

  test("ink on colours", () => {
    expect(golden.inks.map(([colour]) => inkOn(colour))).toEqual(golden.inks.map(([, ink]) => ink));
  });

  test.each(golden.words)("words of $value", (wanted) => {
    const value = number(wanted.value);
    expect([numeral(value), numeral(value, 2), signed(value)]).toEqual([wanted.numeral, wanted.two, wanted.signed]);
    expect(wanted.percent && percent(value)).toBe(wanted.percent);
    expect(wanted.probability && probability(value)).toBe(wanted.probability);
  });
});
