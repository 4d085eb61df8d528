/** A value where it lies on a slider: an index of its steps. */
export type Point = readonly [at: number, value: number];

/** A box, in pixels, that runs from the first to the last of `count` steps and from `low` to `high`. */
export interface SparkBox {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly low: number;
  readonly high: number;
}

const fixed = (pixels: number) => Math.round(10 * pixels) / 10;

/** Where a point lies in the box. A box of one step, or of one value, has it in the middle. */
export function sparkPoint([at, value]: Point, { width, height, count, low, high }: SparkBox): [x: number, y: number] {
  const x = count > 1 ? at / (count - 1) : 0.5;
  const y = high > low ? (value - low) / (high - low) : 0.5;
  return [fixed(x * width), fixed((1 - y) * height)];
}

/** A line through the points as an SVG path; what is not finite leaves a gap. */
export function sparkPath(points: readonly Point[], box: SparkBox): string {
  let path = "";
  let begun = false;
  for (const point of points) {
    if (!Number.isFinite(point[1])) {
      begun = false;
    } else {
      const [x, y] = sparkPoint(point, box);
      path += begun ? `L${x} ${y}` : `M${x} ${y}h0`; // a point between two gaps is a dot
      begun = true;
    }
  }
  return path;
}
