import { expect, test } from "vitest";
import { outline } from "#src/views/time_series";

test("the line spans the strip from its lowest to its highest value; gaps stay out", () => {
  expect(outline([0, 10, Number.NaN, 5])).toBe("0.5,52.00 1.5,4.00 3.5,28.00");
});

test("a constant series is a line, not a division by zero", () => {
  expect(outline([3, 3])).toBe("0.5,52.00 1.5,52.00");
});
