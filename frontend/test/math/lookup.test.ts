import { expect, test } from "vitest";
import { rgb } from "#src/math/colour";
import { colourise, ENTRIES, entry, lookupTable, overlayAlpha, position } from "#src/math/lookup";

const SIGNED = { vmax: 2, signed: true };
const UNSIGNED = { vmax: 2, signed: false };

test("entries of a signed scale are symmetric about 2048", () => {
  expect([-9, -2, -1, 0, 1, 2, 9].map((value) => entry(value, SIGNED))).toEqual([1, 1, 1025, 2048, 3072, 4095, 4095]);
});

test("entries of an unsigned scale start at 1", () => {
  expect([0, 1, 2, 9].map((value) => entry(value, UNSIGNED))).toEqual([1, 2048, 4095, 4095]);
});

test("what is not finite has its own entry, and it is transparent", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(entry(value, SIGNED)).toBe(0);
  }
  expect([...lookupTable("RdBu", true, false).slice(0, 4)]).toEqual([0, 0, 0, 0]);
});

test("every entry has the colour of the position it stands for", () => {
  const table = lookupTable("RdBu", true, false);
  for (const at of [1, 1000, 2048, 3000, ENTRIES - 1]) {
    expect([...table.slice(at * 4, at * 4 + 4)]).toEqual([...rgb("RdBu", position(at, true)), 255]);
  }
});

test("over a picture zero is transparent and the ends are opaque", () => {
  const table = lookupTable("RdBu", true, true);
  expect([1, 2048, ENTRIES - 1].map((at) => table[at * 4 + 3])).toEqual([255, 0, 255]);
  expect(overlayAlpha(1 / 3)).toBeCloseTo(0.5, 12);
  expect(overlayAlpha(-1 / 3)).toBeCloseTo(0.5, 12);
});

test("the loop over a map agrees with `entry`, value by value", () => {
  const table = lookupTable("PuOr", true, false);
  const values = Float32Array.from([-3, -2, -0.7, -1e-9, 0, 1e-9, 0.7, 2, 3, Number.NaN, Number.POSITIVE_INFINITY]);
  const pixels = colourise(values, SIGNED, table);
  values.forEach((value, i) => {
    const at = entry(value, SIGNED) * 4;
    expect([...pixels.slice(i * 4, i * 4 + 4)]).toEqual([...table.slice(at, at + 4)]);
  });
});
