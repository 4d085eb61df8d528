import { expect, test } from "vitest";
import { EVERYTHING, type Find } from "#src/state/find";
import { factsOf, type ProbeNames, rowsOf } from "#src/state/rows";
import { type SeriesStats, StatColumn } from "#src/state/series_stats";

const PROBE: ProbeNames = {
  names: ["cat 10", "cat 9", "Dog", "eel"],
  labels: [0, 0, 1, 2],
  tokens: [{ tokens: ["a", "mov", "ie"] }, { tokens: ["THE", "end"] }] as ProbeNames["tokens"],
};
const NONE = Number.NaN;

/** By column, then example; the same at step 10, nothing at others. */
const NUMBERS: Partial<Record<StatColumn, number[]>> = {
  [StatColumn.STAT_PREDICTION]: [0, 1, 1, 0],
  [StatColumn.STAT_PREDICTION_PROBABILITY]: [0.9, 0.6, 0.8, 0.5],
  [StatColumn.STAT_TARGET_PROBABILITY]: [0.9, 0.25, 0.8, 0.25],
  [StatColumn.STAT_RESIDUAL]: [-3, 1, NONE, 2],
  [StatColumn.STAT_DRIFT]: [NONE, 0.1, 0.3, 0.2],
};

function stats(numbers = NUMBERS): SeriesStats {
  const at = (step: number, example: number, column: StatColumn) =>
    step === 10 ? (numbers[column]?.[example] ?? NONE) : NONE;
  return { at } as Partial<SeriesStats> as SeriesStats;
}

function found(find: Partial<Find>, pins: number[] = []): readonly number[] {
  return rowsOf(PROBE, 4, stats(), 10, { ...EVERYTHING, ...find }, pins).examples;
}

test("everything stands in the order of the probe", () => {
  expect(rowsOf(PROBE, 4, undefined, NONE, EVERYTHING, [])).toEqual({
    examples: [0, 1, 2, 3],
    matching: 4,
    pinned: 0,
  });
});

test("filters: outcome, label, prediction, ranges with both ends", () => {
  expect(found({ outcome: "wrong" })).toEqual([1, 3]);
  expect(found({ outcome: "right" })).toEqual([0, 2]);
  expect(found({ label: 0 })).toEqual([0, 1]);
  expect(found({ prediction: 0 })).toEqual([0, 3]);
  expect(found({ probability: [0.25, 0.8] })).toEqual([1, 2, 3]);
  expect(found({ probability: [Number.NEGATIVE_INFINITY, 0.25] })).toEqual([1, 3]);
  expect(found({ outcome: "wrong", label: 2 })).toEqual([3]);
});

test("a residual counts by its size; what has none lies in no range", () => {
  expect(found({ residual: [2, Number.POSITIVE_INFINITY] })).toEqual([0, 3]);
  expect(found({ residual: [0, Number.POSITIVE_INFINITY] })).toEqual([0, 1, 3]);
});

test("text is found in names and tokens, also over the joint of two tokens, whatever its case", () => {
  expect(found({ text: " CAT " })).toEqual([0, 1]);
  expect(found({ text: "movie" })).toEqual([0]);
  expect(found({ text: "the end" })).toEqual([1]);
  expect(found({ text: "#2" })).toEqual([2]);
  expect(found({ text: "2" })).toEqual([]);
});

test("sorts: equals keep the order of the probe, unknowns come last in both directions", () => {
  expect(found({ sort: "-id" })).toEqual([3, 2, 1, 0]);
  expect(found({ sort: "name" })).toEqual([1, 0, 2, 3]);
  expect(found({ sort: "-label" })).toEqual([3, 2, 0, 1]);
  expect(found({ sort: "prediction" })).toEqual([0, 3, 1, 2]);
  expect(found({ sort: "outcome" })).toEqual([1, 3, 0, 2]);
  expect(found({ sort: "probability" })).toEqual([1, 3, 2, 0]);
  expect(found({ sort: "-residual" })).toEqual([0, 3, 1, 2]);
  expect(found({ sort: "drift" })).toEqual([1, 3, 2, 0]);
  expect(found({ sort: "-drift" })).toEqual([2, 3, 1, 0]);
});

test("pinned ones stand first, in the same order, also those that do not match; a pin of no example is none", () => {
  const rows = rowsOf(PROBE, 4, stats(), 10, { ...EVERYTHING, outcome: "wrong", sort: "-drift" }, [0, 3, 99]);
  expect(rows).toEqual({ examples: [3, 0, 1], matching: 2, pinned: 2 });
});

test("at a step without numbers nothing is wrong or right, and nothing is sorted away", () => {
  expect(rowsOf(PROBE, 4, stats(), 7, { ...EVERYTHING, outcome: "wrong" }, []).examples).toEqual([]);
  expect(rowsOf(PROBE, 4, stats(), 7, { ...EVERYTHING, sort: "-drift" }, []).examples).toEqual([0, 1, 2, 3]);
});

test("a regression has predictions, none of which is wrong or right", () => {
  const values = stats({ [StatColumn.STAT_PREDICTION]: [0.5] });
  expect(factsOf(PROBE, values, 10, 0)).toMatchObject({ prediction: 0.5, wrong: undefined, probability: NONE });
});
