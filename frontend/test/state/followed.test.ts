import { expect, test } from "vitest";
import { columnsOf, sections } from "#src/state/columns";
import { firstOfRuns, followed } from "#src/state/followed";
import { DEFAULTS } from "#src/state/selection";
import { type PageColumn, StatColumn } from "#src/state/series_stats";
import { indexOf } from "./index_fixture";

const INDEX = indexOf({ a: [{ tag: "cam" }, { tag: "ig" }], b: [{ tag: "ig" }] });
const RUN = INDEX.runs[0]!;

function statsOf(columns: Partial<Record<PageColumn, number[]>>) {
  const over = (_: number, column: PageColumn) => columns[column] ?? [Number.NaN, Number.NaN];
  return { steps: [0, 10], over };
}

test("p(target), of one class where that stays the same", () => {
  const p = [0.1, 0.8];
  const of = (targets: number[]) =>
    followed(RUN, statsOf({ [StatColumn.STAT_TARGET]: targets, [StatColumn.STAT_TARGET_PROBABILITY]: p }), 0);
  expect(of([2, 2])).toEqual({ run: RUN, kind: "probability", target: 2, steps: [0, 10], values: p });
  expect(of([2, 1])?.target).toBeNaN();
});

test("a regression's predicted value; the number of a predicted class is none", () => {
  const prediction = { [StatColumn.STAT_PREDICTION]: [1, 2] };
  expect(followed(RUN, statsOf(prediction), 0)).toMatchObject({ kind: "value", values: [1, 2] });
  expect(followed(RUN, statsOf({ ...prediction, [StatColumn.STAT_PREDICTION_PROBABILITY]: [0.5, 0.6] }), 0)).toBe(
    undefined,
  );
  expect(followed(RUN, statsOf({}), 0)).toBeUndefined();
});

test("each run is followed once, by the first of its series on screen", () => {
  const columns = columnsOf(sections(INDEX, { ...DEFAULTS, methods: ["cam", "ig"] }));
  expect(firstOfRuns(columns).map(({ run, tag }) => [run.run, tag])).toEqual([
    ["a/attribution", "cam"],
    ["b/attribution", "ig"],
  ]);
});
