import { expect, test } from "vitest";
import { tileHeight } from "#src/views/image";

test("a tile has the shape of its input, within what a screen can hold", () => {
  expect(tileHeight([30, 60, 3], 144)).toBe(72);
  expect(tileHeight([4_000_000_000, 1], 100)).toBe(400);
  expect(tileHeight([1, 4_000_000_000], 96)).toBe(12);
  expect(tileHeight([], 144)).toBe(144);
});
