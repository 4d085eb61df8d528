/**
 * Share of the finite values that are no larger than `value`, by magnitude, 0..1; NaN for what is not finite.
 *
 * 1 is the largest. Equal values share the highest of their places, so in a map of many zeros these are not at 0.
 */
export function rank(values: Float32Array, value: number): number {
  const size = Math.abs(value);
  let finite = 0;
  let below = 0;
  for (const other of values) {
    const magnitude = Math.abs(other);
    finite += Number.isFinite(other) ? 1 : 0;
    below += magnitude <= size && Number.isFinite(other) ? 1 : 0;
  }
  return Number.isFinite(value) ? below / finite : Number.NaN;
}
