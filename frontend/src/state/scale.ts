import type { MapSeries } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { clippedShare, type LogHistogram, merge, quantile } from "#src/math/histogram";
import type { Scale } from "#src/math/lookup";

/** A bar: its range and what is known about what lies beyond it. */
export interface SeriesScale extends Scale {
  /** Share of |a| beyond the ends, 0..1. */
  readonly clipped: number;
  /** Whether anything was logged to pool; otherwise vmax is 1 and says nothing. */
  readonly known: boolean;
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

export function seriesScale(
  vmax: number | undefined,
  signed: boolean,
  histograms: readonly LogHistogram[],
): SeriesScale {
  const all = merge(histograms);
  const known = vmax !== undefined && vmax > 0;
  return { vmax: known ? vmax : 1, signed, known, clipped: known && all !== undefined ? clippedShare(all, vmax) : 0 };
}
