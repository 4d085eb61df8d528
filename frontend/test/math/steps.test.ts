import { expect, test } from "vitest";
import { closest, nearestEarlier, spread, union } from "#src/math/steps";

const STEPS = [0, 10, 20, 40];

test("the nearest earlier step, never a later one", () => {
  expect([-1, 0, 9, 10, 39, 40, 99].map((step) => nearestEarlier(STEPS, step))).toEqual([-1, 0, 0, 1, 2, 3, 3]);
});

test("a typed number goes to the closest step; of two, the earlier", () => {
  expect([-5, 4, 5, 6, 31, 99].map((step) => closest(STEPS, step))).toEqual([0, 0, 0, 1, 3, 3]);
});

test("a strip has both ends and even gaps", () => {
  expect([spread(1000, 6), spread(11, 6)]).toEqual([
    [0, 200, 400, 599, 799, 999],
    [0, 2, 4, 6, 8, 10],
  ]);
  expect([spread(3, 6), spread(0, 6)]).toEqual([[0, 1, 2], []]);
});

test("steps of several series, each once, ascending", () => {
  expect(union([[0, 10], [0, 5, 100], []])).toEqual([0, 5, 10, 100]);
});
