import { expect, test } from "vitest";
import { clippedShare, histogramOf, type LogHistogram, merge, quantile, rowOf } from "#src/math/histogram";

const LAYOUT = { lowExponent: 0, perOctave: 1, bins: 4 }; // 1, 2, 4, 8, 16

function histogram(zeros: number, ...bins: number[]): LogHistogram {
  const peak = Number.POSITIVE_INFINITY;
  return { lowExponent: 0, perOctave: 1, zeros, nonfinite: 0, bins: Float64Array.from(bins), peak };
}

test("a row of the stats answer is a histogram", () => {
  const counts = Float32Array.of(1, 2, 3, 0, 0, 0, /**/ 10, 20, 0, 5, 0, 1);
  const table = { layout: LAYOUT, counts, rows: 2, firstBin: 0 };
  expect(rowOf(table, 0)).toEqual({ ...histogram(1, 3, 0, 0, 0), nonfinite: 2 });
  expect(rowOf(table, 1)).toEqual({ ...histogram(10, 0, 5, 0, 1), nonfinite: 20 });
});

test("bins that are empty in all rows are not sent, and are empty", () => {
  const counts = Float32Array.of(1, 2, 3, 4, /**/ 10, 20, 5, 0);
  const table = { layout: LAYOUT, counts, rows: 2, firstBin: 1 };
  expect(rowOf(table, 0)).toEqual({ ...histogram(1, 0, 3, 4, 0), nonfinite: 2 });
  // What no server of ours sends: bins behind the last one.
  expect(rowOf({ ...table, firstBin: 3 }, 0).bins).toEqual(Float64Array.of(0, 0, 0, 3));
  expect(rowOf({ ...table, firstBin: 9 }, 0).bins).toEqual(new Float64Array(4));
});

test("the server's sum over all steps is a histogram", () => {
  expect(histogramOf(LAYOUT, [1, 2, 3, 0, 0, 4])).toEqual({ ...histogram(1, 3, 0, 0, 4), nonfinite: 2 });
});

test("a percentile lies inside its bin, evenly in log|a|", () => {
  const h = histogram(0, 0, 100, 0, 0); // all in 2 .. 4
  expect(quantile(h, 0.5)).toBeCloseTo(2 * Math.SQRT2, 12);
  expect(quantile(h, 1)).toBe(4);
});

test("zeros count: with 90 of 100 at zero, P95 is the middle of the rest", () => {
  expect(quantile(histogram(90, 10, 0, 0, 0), 0.95)).toBeCloseTo(Math.SQRT2, 12);
});

test("where the percentile itself is zero, it is that of the values that are not", () => {
  expect(quantile(histogram(1000, 0, 2, 0, 0), 0.5)).toBeCloseTo(2 * Math.SQRT2, 12);
});

test("the largest value is at most the end of the last bin with anything in it", () => {
  expect(quantile(histogram(3, 5, 0, 1, 0), 1)).toBe(8);
});

test("where the largest value is known, it is that: also beyond the last bin, and nothing lies beyond it", () => {
  const inside = { ...histogram(3, 5, 0, 1, 0), peak: 5.9 };
  expect([quantile(inside, 1), clippedShare(inside, 5.9)]).toEqual([5.9, 0]);
  expect(quantile(inside, 0.99)).toBe(quantile(histogram(3, 5, 0, 1, 0), 0.99));
  expect(clippedShare(inside, 5)).toBe(clippedShare(histogram(3, 5, 0, 1, 0), 5));
  expect(quantile({ ...histogram(0, 0, 0, 0, 1), peak: 99 }, 1)).toBe(99);
  expect(quantile({ ...histogram(7, 0, 0, 0, 0), peak: 0 }, 1)).toBe(0);
});

test("nothing but zeros has no scale", () => {
  expect(quantile(histogram(7, 0, 0, 0, 0), 0.99)).toBe(0);
  expect(quantile(histogram(0, 0, 0, 0, 0), 0.99)).toBe(0);
});

test("the clipped share is what the percentile leaves", () => {
  const h = histogram(10, 40, 30, 15, 5);
  for (const share of [0.5, 0.9, 0.99]) {
    expect(clippedShare(h, quantile(h, share))).toBeCloseTo(1 - share, 12);
  }
  expect(clippedShare(h, 16)).toBe(0);
});

test("histograms of one layout add up, others do not", () => {
  expect(merge([histogram(1, 1, 2, 3, 4), histogram(1, 1, 1, 1, 1)])).toEqual(histogram(2, 2, 3, 4, 5));
  expect(merge([histogram(0, 1, 1, 1, 1), { ...histogram(0, 1, 1, 1, 1), perOctave: 2 }])).toBeUndefined();
  expect(merge([])).toBeUndefined();
  const [small, large] = [
    { ...histogram(0, 1, 0, 0, 0), peak: 1.5 },
    { ...histogram(0, 0, 1, 0, 0), peak: 3 },
  ];
  expect(merge([small, large])?.peak).toBe(3);
  expect(merge([small, histogram(0, 0, 1, 0, 0)])?.peak).toBe(Number.POSITIVE_INFINITY);
});
