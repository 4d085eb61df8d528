import { float32 } from "#src/data/blob";
import {
  type PooledHistogram,
  StatColumn,
  type Stats,
} from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { clippedShare, histogramOf, type LogHistogram, quantile, rowOf } from "#src/math/histogram";
import { nearestEarlier } from "#src/math/steps";

/** The small numbers of one series, ready for reading by step and example. */
export interface SeriesStats {
  readonly steps: readonly number[];
  /** NaN where the series has no such column or step. */
  at(step: number, example: number, column: PageColumn): number;
  /** The same at all of `steps`. */
  over(example: number, column: PageColumn): number[];
  /** |a| at one step; undefined where none was logged, or nothing was finite. */
  histogramAt(step: number): LogHistogram | undefined;
  /** Largest |a| of all steps; infinite where one was not logged. */
  peak(): number;
  /** Percentile of |a| at one step; NaN without histogram. */
  quantileAt(step: number, share: number): number;
  /** Share of |a| beyond `vmax` at one step; NaN without histogram. */
  clippedAt(step: number, vmax: number): number;
  /** Steps that could not be read, in words. */
  readonly problems: readonly string[];
}

/** Those that the page asks for. A probe of 64 over 1,000 steps has a MB of four of them. */
export const COLUMNS = [
  StatColumn.STAT_TARGET,
  StatColumn.STAT_TARGET_PROBABILITY,
  StatColumn.STAT_PREDICTION,
  StatColumn.STAT_PREDICTION_PROBABILITY,
  StatColumn.STAT_RESIDUAL,
  StatColumn.STAT_SUM_ABS,
  StatColumn.STAT_P99,
  StatColumn.STAT_PEAK,
  StatColumn.STAT_DRIFT,
] as const;

export type PageColumn = (typeof COLUMNS)[number];

export function readStats(stats: Stats): SeriesStats {
  const { columns, examples, layout } = stats;
  const steps = [...stats.steps];
  const values = float32(stats.values);
  const places = new Map(columns.map((column, place) => [column, place]));
  const logged = layout !== undefined &&
    stats.histogram.length > 0 && {
      layout,
      counts: float32(stats.histogram),
      rows: steps.length,
      firstBin: stats.firstBin,
    };
  const row = (step: number) => {
    const at = nearestEarlier(steps, step);
    return steps[at] === step ? at : -1;
  };
  const histogramAt = (step: number): LogHistogram | undefined => {
    const place = row(step);
    if (!logged || place < 0) {
      return undefined;
    }
    const one = rowOf(logged, place);
    // A step without a histogram comes as nothing but zeros; one of NaN alone has no magnitude either.
    const empty = one.zeros === 0 && one.bins.every((count) => count === 0);
    return empty ? undefined : { ...one, peak: peakOf(place, place + 1) };
  };
  const valueAt = (at: number, example: number, column: PageColumn): number => {
    const place = places.get(column);
    return place === undefined || at < 0
      ? Number.NaN
      : (values[(at * examples + example) * columns.length + place] ?? Number.NaN);
  };
  /** Largest |a| of some rows. */
  const peakOf = (first: number, end: number): number => {
    let peak = 0;
    for (let at = first; at < end; at++) {
      for (let example = 0; example < examples; example++) {
        peak = Math.max(peak, valueAt(at, example, StatColumn.STAT_PEAK)); // NaN once one is
      }
    }
    return peak > 0 ? peak : Number.POSITIVE_INFINITY;
  };
  let peak: number | undefined;
  return {
    steps,
    histogramAt,
    peak() {
      peak ??= peakOf(0, steps.length);
      return peak;
    },
    at: (step, example, column) => valueAt(row(step), example, column),
    over: (example, column) => steps.map((_, at) => valueAt(at, example, column)),
    quantileAt(step, share) {
      const one = histogramAt(step);
      return one === undefined ? Number.NaN : quantile(one, share);
    },
    clippedAt(step, vmax) {
      const one = histogramAt(step);
      return one === undefined ? Number.NaN : clippedShare(one, vmax);
    },
    problems: stats.problems.map((problem) => problem.message),
  };
}

/** |a| over all steps. */
export function readPooled({ layout, counts }: PooledHistogram): LogHistogram {
  if (layout === undefined) {
    throw new Error("the server sent a histogram without its layout");
  }
  return histogramOf(layout, counts);
}

export { StatColumn };
