import { expect, test } from "vitest";
import { type SparkBox, sparkPath, sparkPoint } from "#src/math/spark";

const BOX: SparkBox = { width: 60, height: 10, count: 7, low: 0, high: 1 };

test("a line runs from the first step to the last, and upwards", () => {
  expect(
    sparkPath(
      [
        [0, 0],
        [3, 0.5],
        [6, 1],
      ],
      BOX,
    ),
  ).toBe("M0 10h0L30 5L60 0");
});

test("what is not finite leaves a gap, and a step that a run does not have none", () => {
  expect(
    sparkPath(
      [
        [0, 0],
        [1, Number.NaN],
        [2, 1],
        [4, 1],
      ],
      BOX,
    ),
  ).toBe("M0 10h0M20 0h0L40 0");
});

test("one step, or one value, lies in the middle", () => {
  expect(sparkPoint([0, 3], { ...BOX, count: 1, low: 3, high: 3 })).toEqual([30, 5]);
});
