/** IEEE 754 binary16 to a number. */
export function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) {
    return sign * fraction * 2 ** -24;
  }
  if (exponent === 0x1f) {
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Half of the distance to the next binary16 number away from zero: how far a rounded value may be from it. */
export function halfBound(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  return exponent === 0x1f ? Number.NaN : 2 ** (Math.max(1, exponent) - 26);
}
