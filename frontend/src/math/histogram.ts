/** Counts of |a| in bins of equal ratio; attribution.proto, HistogramSeries. */
export interface LogHistogram {
  readonly lowExponent: number;
  readonly perOctave: number;
  readonly zeros: number;
  readonly nonfinite: number;
  readonly bins: Float64Array;
  /** Largest finite |a|; infinite where nothing but the bins tells. */
  readonly peak: number;
}

/** Smallest |a| of bin `i`; fractions lie inside a bin. */
function edge(h: LogHistogram, i: number): number {
  return 2 ** (h.lowExponent + i / h.perOctave);
}

interface Layout {
  readonly lowExponent: number;
  readonly perOctave: number;
  readonly bins: number;
}

/** A table of counts, as the server sends it. */
export interface CountTable {
  readonly layout: Layout;
  /** [rows][zeros, nonfinite, bins from `firstBin` on]; the others are empty in all rows. */
  readonly counts: Float32Array;
  readonly rows: number;
  readonly firstBin: number;
}

/** One row of a table. */
export function rowOf({ layout, counts, rows, firstBin }: CountTable, row: number): LogHistogram {
  const width = Math.floor(counts.length / rows);
  return histogramOf(layout, counts.subarray(row * width, (row + 1) * width), firstBin);
}

/** @param counts [zeros, nonfinite, bins from `firstBin` on]. */
export function histogramOf(layout: Layout, counts: ArrayLike<number>, firstBin = 0): LogHistogram {
  const bins = new Float64Array(layout.bins);
  for (let bin = firstBin; bin < layout.bins; bin++) {
    bins[bin] = counts[2 + bin - firstBin] ?? 0;
  }
  const { lowExponent, perOctave } = layout;
  return {
    lowExponent,
    perOctave,
    zeros: counts[0] ?? 0,
    nonfinite: counts[1] ?? 0,
    bins,
    peak: Number.POSITIVE_INFINITY,
  };
}

/** Adds histograms of one layout; undefined when the layouts differ. */
export function merge(histograms: readonly LogHistogram[]): LogHistogram | undefined {
  const [first] = histograms;
  if (first === undefined) {
    return undefined;
  }
  const bins = new Float64Array(first.bins.length);
  let zeros = 0;
  let nonfinite = 0;
  let peak = 0;
  for (const h of histograms) {
    if (h.lowExponent !== first.lowExponent || h.perOctave !== first.perOctave || h.bins.length !== bins.length) {
      return undefined;
    }
    zeros += h.zeros;
    nonfinite += h.nonfinite;
    peak = Math.max(peak, h.peak);
    h.bins.forEach((count, i) => {
      bins[i] = bins[i]! + count;
    });
  }
  return { ...first, zeros, nonfinite, bins, peak };
}

function nonzeros(h: LogHistogram): number {
  return h.bins.reduce((sum, count) => sum + count, 0);
}

function quantileOfNonzeros(h: LogHistogram, rank: number): number {
  let below = 0;
  let last = 0;
  for (let i = 0; i < h.bins.length; i++) {
    const count = h.bins[i]!;
    if (count > 0) {
      if (below + count >= rank) {
        // Inside a bin, log|a| is taken as evenly spread.
        return edge(h, i + Math.max(0, rank - below) / count);
      }
      below += count;
      last = i + 1;
    }
  }
  return edge(h, last);
}

/**
 * The value that a share of |a| does not exceed.
 *
 * @param share 0..1 of all finite values, zeros included. Where that many are zero, the share of the values
 *   that are not: a sparse map still has a scale. 1 is the largest itself, where it is known.
 * @returns > 0, or 0 when every value is zero (or none is finite).
 */
export function quantile(h: LogHistogram, share: number): number {
  const count = nonzeros(h);
  if (count === 0) {
    return 0;
  }
  if (share === 1 && Number.isFinite(h.peak)) {
    return h.peak;
  }
  const rank = share * (count + h.zeros) - h.zeros;
  return quantileOfNonzeros(h, rank > 0 ? rank : share * count);
}

/** Share of the finite values whose |a| is above `vmax`, 0..1. */
export function clippedShare(h: LogHistogram, vmax: number): number {
  const total = nonzeros(h) + h.zeros;
  if (total === 0 || vmax <= 0 || vmax >= h.peak) {
    return 0;
  }
  const at = (Math.log2(vmax) - h.lowExponent) * h.perOctave;
  let above = 0;
  h.bins.forEach((count, i) => {
    above += count * Math.min(1, Math.max(0, i + 1 - at));
  });
  return above / total;
}
