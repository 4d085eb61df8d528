import type { LogHistogram } from "#src/math/histogram";

/** b - a; NaN where either is not finite. */
export function minus(b: Float32Array, a: Float32Array): Float32Array {
  return b.map((value, at) => {
    const change = value - a[at]!;
    return Number.isFinite(change) ? change : Number.NaN;
  });
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** What is left of a constant map is rounding, not a pattern. */
const FLAT = 1e-12;

/** Divided by the largest |value|: squares of maps near 1e-30 would vanish. */
function scaled(values: Float32Array, centred: boolean): Float64Array {
  const scale = largest(values);
  const all = Float64Array.from(values, (value) => value / scale);
  const mean = centred ? all.reduce((sum, value) => sum + value, 0) / all.length : 0;
  const moved = all.map((value) => value - mean);
  return centred && moved.every((value) => Math.abs(value) <= FLAT) ? moved.fill(0) : moved;
}

/**
 * Cosine of two maps, -1..1; NaN where one is zero or not finite. As evaluation/similarity.py has it.
 *
 * @param centred each map's mean is taken away first: of maps without a sign, unrelated ones are alike otherwise.
 */
export function cosine(a: Float32Array, b: Float32Array, centred: boolean): number {
  const [x, y] = [scaled(a, centred), scaled(b, centred)];
  const dot = (p: Float64Array, q: Float64Array) => p.reduce((sum, value, at) => sum + value * q[at]!, 0);
  return Math.max(-1, Math.min(1, dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))));
}

// As logged histograms are (wire/histogram.py).
const LOW_EXPONENT = -40;
const PER_OCTAVE = 8;
const BINS = 64 * PER_OCTAVE;

/** Counts of |values|, for differences: no histogram of them is logged. */
export function histogramOf(maps: Iterable<Float32Array>): LogHistogram {
  const bins = new Float64Array(BINS);
  let zeros = 0;
  let nonfinite = 0;
  let peak = 0;
  for (const map of maps) {
    for (const value of map) {
      if (value === 0) {
        zeros++;
      } else if (Number.isFinite(value)) {
        const bin = Math.floor((Math.log2(Math.abs(value)) - LOW_EXPONENT) * PER_OCTAVE);
        bins[Math.max(0, Math.min(BINS - 1, bin))]!++;
        peak = Math.max(peak, Math.abs(value));
      } else {
        nonfinite++;
      }
    }
  }
  return { lowExponent: LOW_EXPONENT, perOctave: PER_OCTAVE, zeros, nonfinite, bins, peak };
}
