import { expect, test } from "vitest";
import { cosine, histogramOf, minus } from "#src/math/difference";
import { clippedShare, quantile } from "#src/math/histogram";

const map = (...values: number[]) => Float32Array.from(values);

test("the difference is B - A; not finite in one is not finite", () => {
  expect([...minus(map(3, -1, 0), map(1, 1, 0))]).toEqual([2, -2, 0]);
  const { NaN: none, POSITIVE_INFINITY: inf } = Number;
  expect([...minus(map(none, 1, inf, inf), map(1, none, 1, inf))]).toEqual([none, none, none, none]);
});

test("cosine: alike up to a factor, opposite, at right angles", () => {
  expect(cosine(map(1, 2), map(2, 4), false)).toBeCloseTo(1, 12);
  expect(cosine(map(1, 2), map(-1, -2), false)).toBeCloseTo(-1, 12);
  expect(cosine(map(1, 0), map(0, 3), false)).toBe(0);
  expect(cosine(map(1e-30, 0), map(1e-30, 0), false)).toBeCloseTo(1, 12);
});

test("centred, what two maps have in common as positive numbers does not make them alike", () => {
  // (1, 0, 0) and (0, 1, 0) less 1/3: -1/3 over 2/3.
  expect(cosine(map(1, 0, 0), map(0, 1, 0), true)).toBeCloseTo(-0.5, 6);
  expect(cosine(map(3, 4, 5), map(1, 2, 3), true)).toBeCloseTo(1, 6);
});

test("no cosine of a map of zeros, a constant one less its mean, or one that is not finite", () => {
  expect(cosine(map(0, 0), map(1, 2), false)).toBeNaN();
  expect(cosine(map(7, 7), map(1, 2), true)).toBeNaN();
  expect(cosine(map(1, Number.NaN), map(1, 2), false)).toBeNaN();
});

test("differences are counted in the bins of logged histograms", () => {
  const counted = histogramOf([map(0, 1, -1), map(Number.NaN, 4, 2 ** -60)]);
  expect([counted.zeros, counted.nonfinite, counted.bins.reduce((sum, count) => sum + count)]).toEqual([1, 1, 4]);
  // Eight bins to an octave from 2^-40 on; what is smaller is in the first.
  expect([counted.bins[0], counted.bins[8 * 40], counted.bins[8 * 42]]).toEqual([1, 2, 1]);
  expect(quantile(counted, 1)).toBe(4);
  expect(clippedShare(counted, 2)).toBeCloseTo(1 / 5, 12);
});
