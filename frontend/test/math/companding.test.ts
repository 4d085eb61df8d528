import { expect, test } from "vitest";
import { codeBounds, codeValues, isRule } from "#src/math/companding";

test("linear up to the knee, geometric above it, odd in the code", () => {
  const table = codeValues({ knee: 1, peak: 2 ** 7, kneeCode: 64 });
  const at = (code: number) => table[code & 255];
  expect([0, 32, 64, 127].map(at)).toEqual([0, 0.5, 1, 128]);
  expect(at(64 + 9)).toBeCloseTo(2, 6); // 7 octaves over 63 codes: one each 9
  expect([-32, -64, -127].map(at)).toEqual([-0.5, -1, -128]);
  expect(at(-128)).toBeNaN();
});

test("without a tail all 127 codes are even", () => {
  const table = codeValues({ knee: 127, peak: 127, kneeCode: 127 });
  expect([1, 64, 127].map((code) => table[code])).toEqual([1, 64, 127]);
});

test("rules that no writer makes are refused", () => {
  expect(isRule({ knee: 1, peak: 2, kneeCode: 64 })).toBe(true);
  for (const rule of [
    { knee: 1, peak: 2, kneeCode: 0 },
    { knee: 1, peak: 2, kneeCode: 128 },
    { knee: 2, peak: 1, kneeCode: 64 },
    { knee: -1, peak: 1, kneeCode: 64 },
    { knee: Number.NaN, peak: 1, kneeCode: 64 },
    { knee: 1, peak: Infinity, kneeCode: 64 },
  ]) {
    expect(isRule(rule)).toBe(false);
  }
});

test("a bound is half a step below the knee, half a ratio above it, and the larger of both at it", () => {
  // 63 codes from 1 to 2^63: each doubles, half of that is a factor of the root of two.
  const bounds = codeBounds({ knee: 1, peak: 2 ** 63, kneeCode: 64 });
  expect([bounds[0], bounds[63], bounds[-63 & 255]]).toEqual([1 / 128, 1 / 128, 1 / 128]);
  expect(bounds[64]).toBeCloseTo(Math.SQRT2 - 1, 12);
  expect(bounds[67]).toBeCloseTo(8 * (Math.SQRT2 - 1), 6);
  expect(bounds[-67 & 255]).toBe(bounds[67]);
  expect(bounds[128]).toBeNaN();
  expect(codeBounds({ knee: 127, peak: 127, kneeCode: 127 })[127]).toBe(0.5);
});

test("whatever number is rounded to its nearest code as writers do, it lies within the code's bound", () => {
  const rule = { knee: 0.37, peak: 41, kneeCode: 64 };
  const values = codeValues(rule);
  const bounds = codeBounds(rule);
  const worst = new Float64Array(128);
  for (let i = 1; i <= 20_000; i++) {
    const x = 41 * (i / 20_000) ** 4;
    const code =
      x <= rule.knee
        ? Math.round((x * 64) / rule.knee)
        : 64 + Math.round((63 * Math.log(x / rule.knee)) / Math.log(rule.peak / rule.knee));
    const off = Math.abs(x - values[code]!);
    expect(off).toBeLessThanOrEqual(bounds[code]! * (1 + 1e-6));
    worst[code] = Math.max(worst[code]!, off / bounds[code]!);
  }
  // And no bound is wider than it must be: all but the last code, beyond which there is nothing, come close to theirs.
  expect(Math.min(...worst.subarray(0, 127))).toBeGreaterThan(0.9);
});
