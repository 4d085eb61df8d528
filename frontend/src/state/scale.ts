import type { MapSeries } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { clippedShare, type LogHistogram, merge, quantile } from "#src/math/histogram";
import type { Scale } from "#src/math/lookup";
import { type SeriesStats, StatColumn } from "#src/state/series_stats";

/** What a tile's colours mean. */
export interface MapScale extends Scale {
  /** Whether there is anything to scale by; otherwise vmax is 1 and says nothing. */
  readonly known: boolean;
  /** Sum of |scores| of the map, where colours are shares of it. */
  readonly sum: number | undefined;
}

/** What a bar's numbers are: scores; shares of each map's sum of |scores|; or each map (or step) ends at a number of its own. */
export type Unit = "score" | "share" | "own";

/** A bar: its range and what is known about what lies beyond it. */
export interface Bar extends Scale {
  readonly unit: Unit;
  /** Whether anything was logged to pool; otherwise vmax is 1 and says nothing. */
  readonly known: boolean;
  /** Share of |a| beyond the ends, 0..1; of maps with something beyond them where the unit is "share". */
  readonly clipped: number;
  /** Whether `clipped` is the most there can be, as nothing finer was logged. */
  readonly atMost: boolean;
  /** |a| over all steps, whatever the scope; undefined where none was logged. */
  readonly histogram: LogHistogram | undefined;
}

/** Whether a series' maps are drawn with a sign. */
export function isSigned(series: MapSeries, relu: boolean): boolean {
  return series.signed && !(series.cam && relu);
}

/** The end of the bar that pooled histograms ask for; 0 when every value is zero, undefined without histograms. */
export function pooledVmax(histograms: readonly LogHistogram[], clip: number): number | undefined {
  const all = merge(histograms);
  if (all !== undefined) {
    return quantile(all, clip);
  }
  // Layouts of different writers do not add up; the widest bar clips none of them more than asked.
  return histograms.length > 0 ? Math.max(...histograms.map((h) => quantile(h, clip))) : undefined;
}

/** A bar in units of the score. @param pooled what it clips. */
export function pooledBar(
  vmax: number | undefined,
  look: Pick<Bar, "signed" | "gamma" | "histogram">,
  pooled: LogHistogram | undefined,
): Bar {
  const known = vmax !== undefined && vmax > 0;
  const clipped = known && pooled !== undefined ? clippedShare(pooled, vmax) : 0;
  return { ...look, unit: "score", vmax: known ? vmax : 1, known, clipped, atMost: false };
}

/** What is logged of single maps: no histogram, but their 99th percentile and their largest |score|. */
export type Level = StatColumn.STAT_P99 | StatColumn.STAT_PEAK;

/**
 * The logged level that stands for a percentile: P99 up to that, else the largest.
 *
 * @returns beyond: the most of a map that can lie beyond it, 0..1.
 */
export function levelOf(clip: number): { readonly column: Level; readonly beyond: number } {
  return clip > 0.99 ? { column: StatColumn.STAT_PEAK, beyond: 0 } : { column: StatColumn.STAT_P99, beyond: 0.01 };
}

/**
 * A map's level. A sparse map whose percentile is 0 still has its largest |score|. NaN where it was not logged, or no
 * score is finite: then the largest is logged as 0.
 */
export function levelAt(stats: SeriesStats, step: number, example: number, level: Level): number {
  const at = (column: Level) => stats.at(step, example, column);
  return Number.isNaN(at(StatColumn.STAT_P99)) ? Number.NaN : at(level) || at(StatColumn.STAT_PEAK);
}

/** Levels of every map of a series, each divided by the map's sum of |scores|; maps that are all zero have none. */
export function levelShares(stats: SeriesStats, examples: number, level: Level): number[] {
  const shares: number[] = [];
  for (const step of stats.steps) {
    for (let example = 0; example < examples; example++) {
      const share = levelAt(stats, step, example, level) / stats.at(step, example, StatColumn.STAT_SUM_ABS);
      if (Number.isFinite(share)) {
        shares.push(share);
      }
    }
  }
  return shares;
}

/** The smallest of `sorted` numbers that a share `clip` of them does not exceed; undefined of none. */
export function percentile(sorted: Float64Array, clip: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(clip * sorted.length) - 1)];
}
