import { readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { StatsSchema } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { type PageColumn, readStats, StatColumn } from "#src/state/series_stats";

const BYTES = readFileSync(new URL("../../../tests/golden/answer_stats.bin", import.meta.url));
const STATS = readStats(fromBinary(StatsSchema, new Uint8Array(BYTES)));

test("numbers by step, example and column; NaN for what is not there", () => {
  const [sum, drift] = [StatColumn.STAT_SUM, StatColumn.STAT_DRIFT] as number[] as [PageColumn, PageColumn];
  expect([STATS.at(0, 1, sum), STATS.at(3, 0, drift)]).toEqual([2, 0.5]);
  expect(STATS.at(2, 0, sum)).toBeNaN();
  expect(STATS.over(0, drift)).toEqual(STATS.steps.map((step) => STATS.at(step, 0, drift)));
  expect(STATS.at(0, 0, StatColumn.STAT_P99)).toBeNaN();
});

test("the histogram pools all steps", () => {
  // [1, 0, 2, 3, 4] + [0, 1, 5, 6, 7]: bins from 2^-1 on, one per octave
  expect(STATS.histogram).toEqual({
    lowExponent: -1,
    perOctave: 1,
    zeros: 1,
    nonfinite: 1,
    bins: Float64Array.from([7, 9, 11]),
  });
});

test("one step's largest |a| is at most the end of its last bin", () => {
  expect(STATS.quantileAt(3, 1)).toBe(4);
  expect(STATS.quantileAt(2, 1)).toBeNaN();
});

test("what one step clips is counted in its own histogram", () => {
  expect(STATS.clippedAt(3, 2)).toBeCloseTo(7 / 18); // [5, 6, 7]: the last bin begins at 2
  expect(STATS.clippedAt(2, 2)).toBeNaN();
});
