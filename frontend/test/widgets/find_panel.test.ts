import { expect, test } from "vitest";
import { classesOf, sortWords } from "#src/widgets/find_panel";
import { countWords } from "#src/widgets/rows_bar";

test("classes that occur are offered once, and a chosen one that does not; values of a regression are none", () => {
  expect(classesOf([2, 0, 2, Number.NaN], null)).toEqual([0, 2]);
  expect(classesOf([2, 0], 7)).toEqual([0, 2, 7]);
  expect(classesOf([0.5, -1.25], null)).toEqual([]);
});

test("the count says how many of how many, and what stands there besides", () => {
  expect(countWords(12, 64, 0, 0)).toBe("12 of 64 examples");
  expect(countWords(0, 1, 1, 0)).toBe("0 of 1 example, 1 pinned");
  expect(countWords(5, 12_000, 0, 2_000)).toBe("5 of 12000 examples; the last 2000 are not looked at");
});

test("a sort says its direction", () => {
  expect(sortWords("-drift")).toBe("drift, descending");
});
