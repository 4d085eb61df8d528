import { expect, test } from "vitest";
import { rank } from "#src/math/rank";

test("the share of finite values that are no larger by magnitude", () => {
  const values = Float32Array.of(0, -1, 2, -3, Number.NaN, Number.POSITIVE_INFINITY);
  expect([0, 1, -2, 3].map((value) => rank(values, value))).toEqual([0.25, 0.5, 0.75, 1]);
  expect(rank(values, Number.NaN)).toBeNaN();
});

test("equal values share the highest of their places", () => {
  expect(rank(Float32Array.of(0, 0, 0, 5), 0)).toBe(0.75);
});
