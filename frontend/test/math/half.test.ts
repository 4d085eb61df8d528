import { expect, test } from "vitest";
import { half, halfBound } from "#src/math/half";

test("binary16 patterns of IEEE 754", () => {
  expect([0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555].map(half)).toEqual([
    1,
    -2,
    65504,
    2 ** -14,
    2 ** -24,
    0.333251953125,
  ]);
  expect(half(0x7c00)).toBe(Number.POSITIVE_INFINITY);
  expect(half(0xfc00)).toBe(Number.NEGATIVE_INFINITY);
  expect(half(0x7e00)).toBeNaN();
});

test("a bound is half of the distance to the next number away from zero", () => {
  for (const bits of [0x3c00, 0xc000, 0x3555, 0x0400, 0x03ff, 0x0001, 0x0000]) {
    expect(halfBound(bits)).toBe(Math.abs(half(bits + 1) - half(bits)) / 2);
  }
  expect(halfBound(0x7bff)).toBe(16); // 65504, behind which nothing but infinity lies
  expect(halfBound(0x7c00)).toBeNaN();
});
