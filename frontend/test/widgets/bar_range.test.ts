import { expect, test } from "vitest";
import { axisOf } from "#src/widgets/bar_range";

const bins = new Float64Array(16);
bins.set([1, 0, 100, 50, 100], 4); // octaves 2^4, 2^6, 2^7, 2^8
const HISTOGRAM = { lowExponent: 0, perOctave: 1, zeros: 7, nonfinite: 0, bins, peak: Number.POSITIVE_INFINITY };

test("the axis leaves out what is hardly there and has room beyond the largest score", () => {
  const { low, high, bars } = axisOf(HISTOGRAM, 128);
  expect([low, high]).toEqual([6, 10]);
  expect(bars).toEqual([
    { at: 6, height: 1 },
    { at: 7, height: 0.5 },
    { at: 8, height: 1 },
  ]);
});

test("the end of the scale lies on the axis, wherever it is", () => {
  expect(axisOf(HISTOGRAM, 2).low).toBe(1);
  expect(axisOf(HISTOGRAM, 2 ** 20).high).toBe(20);
  expect(axisOf(undefined, 8)).toEqual({ low: -1, high: 7, bars: [] });
});
