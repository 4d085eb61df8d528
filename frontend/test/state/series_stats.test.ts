import { readFileSync } from "node:fs";
import { create, fromBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { PooledHistogramSchema, StatsSchema } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { type PageColumn, readPooled, readStats, StatColumn } from "#src/state/series_stats";

const BYTES = readFileSync(new URL("../../../tests/golden/answer_stats.bin", import.meta.url));
const STATS = readStats(fromBinary(StatsSchema, new Uint8Array(BYTES)));

test("numbers by step, example and column; NaN for what is not there", () => {
  const [sum, drift] = [StatColumn.STAT_SUM, StatColumn.STAT_DRIFT] as number[] as [PageColumn, PageColumn];
  expect([STATS.at(0, 1, sum), STATS.at(3, 0, drift)]).toEqual([2, 0.5]);
  expect(STATS.at(2, 0, sum)).toBeNaN();
  expect(STATS.over(0, drift)).toEqual(STATS.steps.map((step) => STATS.at(step, 0, drift)));
  expect(STATS.at(0, 0, StatColumn.STAT_P99)).toBeNaN();
});

test("each step has its histogram", () => {
  // [1, 0, 2, 3, 4] and [0, 1, 5, 6, 7]: bins from 2^-1 on, one per octave
  const layout = { lowExponent: -1, perOctave: 1 };
  const peak = Number.POSITIVE_INFINITY; // not among the columns
  expect(STATS.histogramAt(0)).toEqual({ ...layout, zeros: 1, nonfinite: 0, bins: Float64Array.of(2, 3, 4), peak });
  expect(STATS.histogramAt(3)).toEqual({ ...layout, zeros: 0, nonfinite: 1, bins: Float64Array.of(5, 6, 7), peak });
});

test("the server's sum of all steps needs its layout", () => {
  const layout = { tag: "ig", lowExponent: -1, perOctave: 1, bins: 2 };
  const pooled = create(PooledHistogramSchema, { layout, counts: [1, 2, 3, 4] });
  const one = { lowExponent: -1, perOctave: 1, zeros: 1, nonfinite: 2, bins: Float64Array.of(3, 4), peak: Infinity };
  expect(readPooled(pooled)).toEqual(one);
  expect(() => readPooled(create(PooledHistogramSchema))).toThrow("histogram without its layout");
});

test("one step's largest |a| is at most the end of its last bin", () => {
  expect(STATS.quantileAt(3, 1)).toBe(4);
  expect(STATS.quantileAt(2, 1)).toBeNaN();
});

test("the largest |a| is that of a step, and of all of them; where one was not logged, nobody knows", () => {
  const logged = (...peaks: number[]) =>
    readStats(
      create(StatsSchema, {
        steps: [0, 5],
        columns: [StatColumn.STAT_PEAK],
        examples: 2,
        values: new Uint8Array(Float32Array.from(peaks).buffer),
        layout: { lowExponent: 0, perOctave: 1, bins: 2 },
        histogram: new Uint8Array(Float32Array.of(0, 0, 1, 1, /**/ 0, 0, 0, 2).buffer),
      }),
    );
  const whole = logged(1.5, 2.5, 0, 3.5);
  expect([whole.peak(), whole.quantileAt(0, 1), whole.quantileAt(5, 1)]).toEqual([3.5, 2.5, 3.5]);
  expect([whole.clippedAt(0, 2.5), whole.clippedAt(5, 2.5) > 0]).toEqual([0, true]);
  const broken = logged(Number.NaN, Number.NaN, 0, 3.5);
  expect([broken.peak(), broken.quantileAt(0, 1), broken.quantileAt(5, 1)]).toEqual([Number.POSITIVE_INFINITY, 4, 3.5]);
  expect(logged(0, 0, 0, 0).peak()).toBe(Number.POSITIVE_INFINITY); // the histogram says otherwise
});

test("what one step clips is counted in its own histogram", () => {
  expect(STATS.clippedAt(3, 2)).toBeCloseTo(7 / 18); // [5, 6, 7]: the last bin begins at 2
  expect(STATS.clippedAt(2, 2)).toBeNaN();
});
