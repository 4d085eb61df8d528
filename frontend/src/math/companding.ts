/** How an int8 code is read; attribution.proto, Companding. */
export interface CompandingRule {
  readonly knee: number;
  readonly peak: number;
  readonly kneeCode: number;
}

const LEVELS = 127;

/** Whether the rule is one that a writer can have written. */
export function isRule(rule: CompandingRule): boolean {
  return (
    rule.kneeCode >= 1 && rule.kneeCode <= LEVELS && rule.peak >= rule.knee && rule.knee >= 0 && rule.peak < Infinity
  );
}

/** The value of every code: `table[code & 255]`, float32 [256]; NaN for -128. */
export function codeValues(rule: CompandingRule): Float32Array {
  const table = new Float32Array(256);
  for (let m = 0; m <= LEVELS; m++) {
    let magnitude = (rule.knee * m) / rule.kneeCode;
    if (m > rule.kneeCode && rule.knee > 0) {
      magnitude = rule.knee * (rule.peak / rule.knee) ** ((m - rule.kneeCode) / (LEVELS - rule.kneeCode));
    }
    table[m] = magnitude;
    table[-m & 255] = m === 0 ? 0 : -magnitude;
  }
  table[128] = Number.NaN;
  return table;
}

/**
 * How far a value may be from what its code reads as: `table[code & 255]`, >= 0, [256]; NaN for -128.
 *
 * Writers round to the nearest code: of even steps below the knee, of even ratios above it. A code at the knee takes
 * from both sides.
 */
export function codeBounds(rule: CompandingRule): Float64Array {
  const { knee, peak, kneeCode } = rule;
  const step = knee / kneeCode;
  // Half a step up in the exponent is more than half a step down.
  const ratio = kneeCode < LEVELS && knee > 0 ? (peak / knee) ** (0.5 / (LEVELS - kneeCode)) - 1 : 0;
  return Float64Array.from(codeValues(rule), (value, byte) => {
    const code = byte < 128 ? byte : 256 - byte;
    const size = Math.abs(value);
    return code < kneeCode ? step / 2 : code > kneeCode ? size * ratio : Math.max(step / 2, size * ratio);
  });
}
