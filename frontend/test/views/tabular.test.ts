import { expect, test } from "vitest";
import { barBox, inputWords } from "#src/views/tabular";

test("a bar starts at the scale's zero: the middle of a signed track, the left end of an unsigned one", () => {
  expect([1, -0.5, 0].map((t) => barBox(t, true))).toEqual([
    { left: 50, width: 50 },
    { left: 25, width: 25 },
    { left: 50, width: 0 },
  ]);
  expect(barBox(0.5, false)).toEqual({ left: 0, width: 50 });
});

test("a bar ends at the scale's end; what is not finite has none", () => {
  expect(barBox(-7, true)).toEqual({ left: 0, width: 50 });
  expect(barBox(Number.NaN, true)).toEqual({ left: 50, width: 0 });
  expect(barBox(Number.POSITIVE_INFINITY, false)).toEqual({ left: 0, width: 0 });
});

test("values of the input are words, numbers, or missing", () => {
  expect([inputWords(2, "red"), inputWords(2, ""), inputWords(0.12345, undefined), inputWords(Number.NaN, "")]).toEqual(
    ["red", "2.00", "0.123", "missing"],
  );
});
