import { expect, test } from "vitest";
import { portions } from "#src/data/portions";

const named = (run: string) => ({ run, tag: "t" });

test("a request holds 64 series", () => {
  const items = Array.from({ length: 130 }, (_, at) => named(String(at)));
  expect(portions(items).map((portion) => portion.length)).toEqual([64, 64, 2]);
  expect(portions(items).flat()).toEqual(items);
  expect(portions([])).toEqual([]);
});

test("addresses stay short where names are long; a name that is longer than all of it goes alone", () => {
  const items = [named("a"), named("b".repeat(10_000)), named("c".repeat(5_000)), named("d".repeat(990)), named("e")];
  expect(portions(items).map((portion) => portion.map(({ run }) => run[0]))).toEqual([["a"], ["b"], ["c"], ["d", "e"]]);
});

test("what an item adds to the address counts", () => {
  const items = ["a", "b", "c"].map(named);
  expect(portions(items, () => 2_900).map((portion) => portion.length)).toEqual([2, 1]);
});
