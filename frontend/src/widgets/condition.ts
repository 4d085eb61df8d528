/** In words, what makes a map's picture say nothing or less than it seems; undefined for an ordinary map. */
export function condition(values: Float32Array, relu: boolean): string | undefined {
  let bad = 0;
  let zero = true;
  let positive = false;
  for (const value of values) {
    if (!Number.isFinite(value)) {
      bad++;
    } else if (value !== 0) {
      zero = false;
      positive ||= value > 0;
    }
  }
  if (bad === values.length) {
    return "no finite score";
  }
  if (bad > 0) {
    return `${bad} of ${values.length} scores not finite`;
  }
  if (zero) {
    return "all scores are 0";
  }
  return relu && !positive ? "no score above 0 (ReLU)" : undefined;
}
