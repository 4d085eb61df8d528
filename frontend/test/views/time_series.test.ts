import { expect, test } from "vitest";
import { leftOut, outline, strongest } from "#src/views/time_series";

test("the line spans the strip from its lowest to its highest value; gaps stay out", () => {
  expect(outline(Float32Array.of(0, 10, Number.NaN, 5))).toBe("0.5,52.00 1.5,4.00 3.5,28.00");
});

test("a constant series is a line, not a division by zero", () => {
  expect(outline(Float32Array.of(3, 3))).toBe("0.5,52.00 1.5,52.00");
});

test("a long series is drawn from what stands out of each stretch", () => {
  const values = new Float32Array(204_800);
  values[100_000] = -7;
  values[100_001] = 9;
  const points = outline(values).split(" ");
  expect(points.length).toBeLessThanOrEqual(2048);
  expect(points).toContain("100000.5,52.00");
  expect(points).toContain("100001.5,4.00");
  const scores = strongest(values);
  expect([scores.length, Math.max(...scores), Math.min(...scores)]).toEqual([2048, 9, 0]);
  expect(strongest(Float32Array.of(1, -2))).toEqual(Float32Array.of(1, -2));
});

test("what a tile leaves out is said", () => {
  expect(leftOut(3, 100)).toBe("");
  expect(leftOut(100, 204_800)).toBe("and 36 more channels; each colour is the strongest of 100 times");
});
