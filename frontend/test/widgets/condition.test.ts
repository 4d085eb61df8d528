import { expect, test } from "vitest";
import { condition } from "#src/widgets/condition";

const map = (...values: number[]) => Float32Array.from(values);

test("zero, NaN and inf have words; an ordinary map has none", () => {
  expect(condition(map(0, 0), false)).toEqual({ words: "all scores are 0", kind: "empty" });
  expect(condition(map(Number.NaN, 1, Number.POSITIVE_INFINITY), false)).toEqual({
    words: "2 of 3 scores not finite",
    kind: "partly",
  });
  expect(condition(map(Number.NaN), false)).toEqual({ words: "no finite score", kind: "empty" });
  expect(condition(map(-1, 0), true)).toEqual({ words: "no score above 0 (ReLU)", kind: "empty" });
  expect(condition(map(-1, 0), false)).toBeUndefined();
});
