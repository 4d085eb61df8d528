import { expect, test } from "vitest";
import { codeValues, isRule } from "#src/math/companding";

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
