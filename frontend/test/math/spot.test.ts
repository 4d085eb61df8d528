import { expect, test } from "vitest";
import { besides, cellAt, pixelsOf } from "#src/math/spot";

test("cells along a side; its ends belong to the last ones", () => {
  expect([0, 0.24, 0.25, 0.99, 1].map((share) => cellAt(share, 4))).toEqual([0, 0, 1, 3, 3]);
});

test("a step goes to the middle of a cell, and not beyond the last", () => {
  expect([besides(0.3, 1, 4), besides(0.3, -1, 4), besides(0.3, 9, 4), besides(0.3, 0, 4)]).toEqual([
    0.625, 0.125, 0.875, 0.375,
  ]);
});

test("pixels of a cell: blocks of two, the last one narrower; a layer's cells are spread evenly", () => {
  expect([0, 1, 2].map((cell) => pixelsOf(cell, 3, 5, 5))).toEqual([
    [0, 1],
    [2, 3],
    [4, 4],
  ]);
  expect([0, 6].map((cell) => pixelsOf(cell, 7, 7, 224))).toEqual([
    [0, 31],
    [192, 223],
  ]);
  expect(pixelsOf(1, 4, 4, 10)).toEqual([2, 4]); // 2.5 to 5
});
