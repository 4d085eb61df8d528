/** What makes a map's picture say less than it seems: all of it, or some of its cells. */
export interface Condition {
  readonly words: string;
  readonly kind: "empty" | "partly";
}

/** Undefined for an ordinary map. @param what its values are. */
export function condition(values: Float32Array, relu: boolean, what = "score"): Condition | undefined {
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
    return { words: `no finite ${what}`, kind: "empty" };
  }
  if (bad > 0) {
    return { words: `${bad} of ${values.length} ${what}s not finite`, kind: "partly" };
  }
  if (zero) {
    return { words: `all ${what}s are 0`, kind: "empty" };
  }
  return relu && !positive ? { words: "no score above 0 (ReLU)", kind: "empty" } : undefined;
}
