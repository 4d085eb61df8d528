/** Index of the last step that is not after `step`; -1 when all are later. `steps` ascend. */
export function nearestEarlier(steps: readonly number[], step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]! <= step) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

/** All steps of several series, ascending, each once. */
export function union(series: readonly (readonly number[])[]): number[] {
  return [...new Set(series.flat())].sort((a, b) => a - b);
}

/** At most `most` indices of `count`, the first and the last among them, evenly apart. */
export function spread(count: number, most: number): number[] {
  if (count <= most) {
    return Array.from({ length: count }, (_, at) => at);
  }
  return Array.from({ length: most }, (_, at) => Math.round((at * (count - 1)) / (most - 1)));
}

/** Index of the step closest to what a person typed; of two equally close, the earlier. */
export function closest(steps: readonly number[], step: number): number {
  const below = nearestEarlier(steps, step);
  const above = below + 1;
  if (below < 0 || (above < steps.length && steps[above]! - step < step - steps[below]!)) {
    return Math.min(above, steps.length - 1);
  }
  return below;
}
