import { expect, test } from "vitest";
import type { Section } from "#src/state/columns";
import { itemKey, itemsOf, linesOf } from "#src/widgets/grid_items";

const A: Section = { hash: "a", run: "r", examples: 9, columns: [] };
const B: Section = { ...A, hash: "b" };

test("each section stands below its head, the first one's is the grid's own", () => {
  const found = [{ rows: { examples: [3, 1], matching: 2, pinned: 0 }, of: 9, past: 0 }, { words: "no numbers" }];
  expect(itemsOf([A, B], found).map(itemKey)).toEqual(["a/3", "a/1", "b/head", "b/words"]);
});

test("where nothing matches it says so behind the pinned rows", () => {
  const found = [{ rows: { examples: [5], matching: 0, pinned: 1 }, of: 9, past: 0 }];
  expect(itemsOf([A], found).map(itemKey)).toEqual(["a/5", "a/none"]);
});

test("one pinned row that is all that matches is not nothing", () => {
  const found = [{ rows: { examples: [5], matching: 1, pinned: 1 }, of: 9, past: 0 }];
  expect(itemsOf([A], found).map(itemKey)).toEqual(["a/5"]);
});

test("rows stand side by side as far as they fit; words have a line of their own", () => {
  const found = [{ rows: { examples: [5, 0, 1, 2, 3], matching: 0, pinned: 1 }, of: 9, past: 0 }];
  const lines = linesOf(itemsOf([A], found), 3);
  expect(lines.map((line) => line.map(itemKey))).toEqual([["a/5"], ["a/none"], ["a/0", "a/1", "a/2"], ["a/3"]]);
});
