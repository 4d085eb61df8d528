import { expect, test } from "vitest";
import { Layer } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { comparisonOf } from "#src/state/comparison";
import { LOADING, ready } from "#src/state/loaded";
import { isSameDifference, type Operand, operandOf, operandsOf } from "#src/state/operands";
import { type SeriesStats, StatColumn } from "#src/state/series_stats";
import type { StoredTile } from "#src/state/tile";

const HOW = { picture: false, relu: false, centred: false };

function tileOf(values: number[], shape = [values.length], bound = 0): StoredTile {
  const maps = {
    ...{ layer: Layer.SCORES, input: 0, shape, count: 1, thumbnail: false, bytes: 0 },
    values: () => Float32Array.from(values),
    bounds: () => () => bound,
  };
  return { map: { maps, index: 0 } };
}

function stats(sum: number, target: number) {
  const at = (_step: number, _example: number, column: StatColumn) =>
    column === StatColumn.STAT_TARGET ? target : sum;
  return ready({ at } as Partial<SeriesStats> as SeriesStats);
}

const operand = (tile: StoredTile, sum = 1, target = 0, shares = false) =>
  operandOf(tile, stats(sum, target), 0, 0, shares) as Operand;

test("scores are subtracted as they are, shares after each map was divided by its own sum", () => {
  const [a, b] = [tileOf([1, 3]), tileOf([2, 8])];
  expect([...comparisonOf({ a: operand(a), b: operand(b) }, HOW).difference]).toEqual([1, 5]);
  const shares = comparisonOf({ a: operand(a, 4, 0, true), b: operand(b, 10, 0, true) }, HOW);
  expect([...shares.difference]).toEqual(
    [Math.fround(0.2 - 0.25), Math.fround(0.8 - 0.75)].map((x) => expect.closeTo(x, 6)),
  );
  expect([...shares.a]).toEqual([0.25, 0.75]);
});

test("with ReLU what was dropped is no difference", () => {
  const [a, b] = [tileOf([-3, 1]), tileOf([-1, -1])].map((tile) => operand(tile));
  expect([...comparisonOf({ a: a!, b: b! }, { ...HOW, relu: true }).difference]).toEqual([0, -1]);
});

test("a picture's channels are summed before they are subtracted, its bounds too", () => {
  const [a, b] = [tileOf([1, 2, 3, 4], [1, 2, 2], 0.5), tileOf([1, 2, 4, 6], [1, 2, 2], 0.25)].map((t) => operand(t));
  const { difference, noise, shape } = comparisonOf({ a: a!, b: b! }, { ...HOW, picture: true });
  expect([[...difference], [...noise], shape]).toEqual([
    [0, 3],
    [1.5, 1.5],
    [1, 2],
  ]);
});

test("noise is how A and B are stored, and what their method says; of shares, in shares", () => {
  const errors = tileOf([0.5, 1]).map;
  const a = operand({ ...tileOf([1, 3], [2], 0.25), errors }, 4, 0, true);
  const b = operand(tileOf([2, 8], [2], 1), 10, 0, true);
  expect([...comparisonOf({ a, b }, HOW).noise]).toEqual(
    [0.75 / 4 + 0.1, 1.25 / 4 + 0.1].map((noise) => expect.closeTo(noise, 6)),
  );
});

test("a map of zeros has no shares, nor one whose sum was not logged", () => {
  const words = (sum: number) => operandOf(tileOf([0]), stats(sum, 0), 0, 0, true);
  expect(words(0)).toEqual({ words: "all scores are 0: it has no shares", failed: true });
  expect(words(Number.NaN)).toEqual({ words: "its sum of |scores| is not known: it has no shares", failed: true });
  expect(operandOf(tileOf([0]), LOADING, 0, 0, true)).toEqual({ words: "loading", failed: false });
});

test("predictions may differ: then what is explained does, and nothing is subtracted", () => {
  const [cat, dog, none] = [0, 1, Number.NaN].map((target) => operand(tileOf([1]), 1, target));
  const both = (a: Operand, b: Operand) => operandsOf(a, b, (target) => ["cat", "dog"][target]!);
  expect(both(cat!, dog!)).toEqual({ words: "different targets: cat in A, dog in B", failed: true });
  expect(both(cat!, cat!)).toEqual({ a: cat, b: cat });
  expect(both(cat!, none!)).toEqual({ a: cat, b: none });
});

test("the side that is missing is named", () => {
  const here = operand(tileOf([1]));
  const missing = { words: "no map at or before step 3", failed: false };
  expect(operandsOf(here, missing, String)).toEqual({ words: "B: no map at or before step 3", failed: false });
  expect(operandsOf(missing, missing, String)).toMatchObject({ words: "A: no map at or before step 3" });
});

test("the same maps and sums are the same difference", () => {
  const [one, other] = [tileOf([1]), tileOf([1])];
  const both = (a: StoredTile, sum: number) => ({ a: operand(a, sum, 0, true), b: operand(other, 1) });
  expect(isSameDifference(both(one, 2), both({ ...one }, 2))).toBe(true);
  expect(isSameDifference(both(one, 2), both(one, 3))).toBe(false);
  expect(isSameDifference(both(one, 2), both(other, 2))).toBe(false);
  expect(isSameDifference(both(one, 2), { words: "loading", failed: false })).toBe(false);
});
