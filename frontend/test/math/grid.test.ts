import { expect, test } from "vitest";
import { enlarge, plane, relu } from "#src/math/grid";

test("channels of a map are summed into a plane", () => {
  const map = plane(Float32Array.from([1, 2, 3, 4, 5, 6]), [1, 2, 3]);
  expect(map).toEqual({ values: Float32Array.from([6, 15]), height: 1, width: 2 });
});

test("a vector, or values that do not fit the shape, are no plane", () => {
  expect(plane(new Float32Array(4), [4])).toBeUndefined();
  expect(plane(new Float32Array(4), [2, 3])).toBeUndefined();
  expect(plane(new Float32Array(16), [2, 2, 2, 2])).toBeUndefined();
});

test("ReLU keeps what is not finite", () => {
  expect([...relu(Float32Array.from([-1, 0, 2, Number.NaN]))]).toEqual([0, 0, 2, Number.NaN]);
});

test("enlarging keeps cell centres in place and holds the edges", () => {
  const map = { values: Float32Array.from([0, 4]), height: 1, width: 2 };
  expect([...enlarge(map, 1, 4).values]).toEqual([0, 1, 3, 4]);
  expect([...enlarge(map, 2, 2).values]).toEqual([0, 4, 0, 4]);
});

test("a constant map stays constant", () => {
  const map = { values: new Float32Array(49).fill(0.25), height: 7, width: 7 };
  expect(new Set(enlarge(map, 100, 131).values)).toEqual(new Set([0.25]));
});

test("a cell that is not finite is not smoothed away", () => {
  const map = { values: Float32Array.from([Number.NaN, 1]), height: 1, width: 2 };
  expect(Number.isNaN(enlarge(map, 1, 4).values[1])).toBe(true);
});
