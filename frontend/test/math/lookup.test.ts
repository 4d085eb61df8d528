import { expect, test } from "vitest";
import { rgb } from "#src/math/colour";
import { bend, colourise, ENTRIES, entry, lookupTable, overlayAlpha, position, unbend } from "#src/math/lookup";

const SIGNED = { vmax: 2, signed: true, gamma: 1 };
const UNSIGNED = { vmax: 2, signed: false, gamma: 1 };

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
  expect([...lookupTable("RdBu", SIGNED, false).slice(0, 4)]).toEqual([0, 0, 0, 0]);
});

test("every entry has the colour of the position it stands for", () => {
  const table = lookupTable("RdBu", SIGNED, false);
  for (const at of [1, 1000, 2048, 3000, ENTRIES - 1]) {
    expect([...table.slice(at * 4, at * 4 + 4)]).toEqual([...rgb("RdBu", position(at, true)), 255]);
  }
});

test("over a picture zero is transparent and the ends are opaque", () => {
  const table = lookupTable("RdBu", SIGNED, true);
  expect([1, 2048, ENTRIES - 1].map((at) => table[at * 4 + 3])).toEqual([255, 0, 255]);
  expect(overlayAlpha(1 / 3)).toBeCloseTo(0.5, 12);
  expect(overlayAlpha(-1 / 3)).toBeCloseTo(0.5, 12);
});

test("the loop over a map agrees with `entry`, value by value", () => {
  const table = lookupTable("PuOr", SIGNED, false);
  const values = Float32Array.from([-3, -2, -0.7, -1e-9, 0, 1e-9, 0.7, 2, 3, Number.NaN, Number.POSITIVE_INFINITY]);
  const pixels = colourise(values, SIGNED, table);
  values.forEach((value, i) => {
    const at = entry(value, SIGNED) * 4;
    expect([...pixels.slice(i * 4, i * 4 + 4)]).toEqual([...table.slice(at, at + 4)]);
  });
});

test("gamma moves colours and leaves zero and the ends where they are", () => {
  expect([-1, -0.25, 0, 0.25, 1].map((t) => bend(t, 0.5))).toEqual([-1, -0.5, 0, 0.5, 1]);
  expect(unbend(bend(-0.3, 2), 2)).toBeCloseTo(-0.3, 12);
  const table = lookupTable("RdBu", { signed: true, gamma: 0.5 }, true);
  const at = entry(0.5, SIGNED); // a quarter of the scale: half of the colours
  const [r, g, b] = rgb("RdBu", Math.sqrt(position(at, true)));
  expect([...table.slice(at * 4, at * 4 + 4)]).toEqual([
    r,
    g,
    b,
    Math.round(255 * overlayAlpha(Math.sqrt(position(at, true)))),
  ]);
  expect(table[2048 * 4 + 3]).toBe(0);
  expect([...table.slice(-4)]).toEqual([0xb2, 0x18, 0x2b, 255]);
});
