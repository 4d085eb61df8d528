import { expect, test } from "vitest";
import { outlines } from "#src/math/outlines";

test("lines run where neighbours differ, in one piece as far as they can", () => {
  const ids = Int32Array.of(0, 0, 1, 0, 0, 1, 2, 2, 2);
  expect(outlines(ids, 3, 3)).toBe("M0 2h3M2 0v2");
});

test("a line is broken where the segment goes on", () => {
  expect(outlines(Int32Array.of(0, 0, 0, 1, 0, 1), 2, 3)).toBe("M0 1h1M2 1h1M1 1v1M2 1v1");
});

test("one segment has no lines, and too many to be seen are not drawn", () => {
  expect(outlines(new Int32Array(12), 3, 4)).toBe("");
  const side = 400;
  const every = Int32Array.from({ length: side ** 2 }, (_, cell) => cell);
  expect(outlines(every, side, side).match(/M/g)?.length).toBe(2 * (side - 1));
  const striped = every.map((cell) => (cell % 2 === 0 ? Math.floor(cell / side) : -1));
  expect(outlines(striped, side, side)).toBe("");
});
