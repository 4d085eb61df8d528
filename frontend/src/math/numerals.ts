const MINUS = "\u2212";

/** Digits of a value for reading: `digits` significant ones, a real minus sign, no trailing zeros lost. */
export function numeral(value: number, digits = 3): string {
  if (Number.isNaN(value)) {
    return "NaN";
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? "inf" : `${MINUS}inf`;
  }
  const size = Math.abs(value);
  let text: string;
  if (size === 0) {
    text = "0";
  } else if (size >= 1e5 || size < 1e-3) {
    const [mantissa = "", exponent = ""] = size.toExponential(digits - 1).split("e");
    text = `${mantissa}e${exponent.replace("+", "").replace("-", MINUS)}`;
  } else {
    // Where no digit follows the point, toPrecision may write an exponent: 123 in two digits is 123, not 1.2e+2.
    text = size >= Math.min(1000, 10 ** (digits - 1)) ? String(Math.round(size)) : size.toPrecision(digits);
  }
  return value < 0 ? MINUS + text : text;
}

/** The next larger number of two digits, of a positive one: a bound must not shrink. */
export function roundedUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit - 1e-9) * unit; // 2.0000000000000004 is two
}

/** With a sign, as scores that support (+) or speak against are written. */
export function signed(value: number, digits = 3): string {
  return value > 0 ? `+${numeral(value, digits)}` : numeral(value, digits);
}

/** A share as per cent: "2%", "0.4%", "<0.1%". */
export function percent(share: number): string {
  const value = share * 100;
  if (Number.isNaN(value)) {
    return "NaN";
  }
  if (value > 0 && value < 0.1) {
    return "<0.1%";
  }
  return `${value < 10 && value > 0 ? value.toPrecision(value < 1 ? 1 : 2).replace(/\.0$/, "") : Math.round(value)}%`;
}

/** A step, and the epoch it lies in, counted from 0; shown from 1, as fit prints them. */
export function stepName(step: number, epoch: number | undefined): string {
  return `step ${step}${epoch === undefined ? "" : `, epoch ${epoch + 1}`}`;
}

/** A probability: ".81", "1.0", "<.01". */
export function probability(p: number): string {
  if (Number.isNaN(p)) {
    return "?";
  }
  if (p > 0 && p < 0.005) {
    return "<.01";
  }
  if (p < 1 && p >= 0.995) {
    return ">.99";
  }
  return p.toFixed(2).replace(/^0/, "");
}
