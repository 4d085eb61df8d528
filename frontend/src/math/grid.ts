/** A map on a rectangle of cells, row by row. */
export interface Plane {
  readonly values: Float32Array; // [height * width]
  readonly height: number;
  readonly width: number;
}

/**
 * A stored map `[h, w]` or `[h, w, c]` as one plane; channels are summed. Undefined for any other shape.
 */
export function plane(values: Float32Array, shape: readonly number[]): Plane | undefined {
  const [height, width, channels = 1] = shape;
  if (height === undefined || width === undefined || shape.length > 3 || values.length !== height * width * channels) {
    return undefined;
  }
  if (channels === 1) {
    return { values, height, width };
  }
  const sums = new Float32Array(height * width);
  for (let i = 0; i < sums.length; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) {
      sum += values[i * channels + c]!;
    }
    sums[i] = sum;
  }
  return { values: sums, height, width };
}

/** max(a, 0); what is not finite stays so. */
export function relu(values: Float32Array): Float32Array {
  return values.map((value) => Math.max(0, value));
}

interface Tap {
  readonly low: number;
  readonly high: number;
  readonly share: number; // of `high`
}

function taps(from: number, to: number): Tap[] {
  return Array.from({ length: to }, (_, i) => {
    const centre = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const low = Math.floor(centre);
    return { low, high: Math.min(from - 1, low + 1), share: centre - low };
  });
}

/**
 * Bilinear enlargement of the values (not of colours), cell centres kept in place and edges held.
 * A cell that is not finite makes every pixel that would read it so.
 */
export function enlarge(map: Plane, height: number, width: number): Plane {
  const rows = taps(map.height, height);
  const columns = taps(map.width, width);
  const values = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    const row = rows[y]!;
    const top = row.low * map.width;
    const bottom = row.high * map.width;
    for (let x = 0; x < width; x++) {
      const column = columns[x]!;
      const a = map.values[top + column.low]!;
      const b = map.values[top + column.high]!;
      const c = map.values[bottom + column.low]!;
      const d = map.values[bottom + column.high]!;
      const upper = a + (b - a) * column.share;
      values[y * width + x] = upper + (c + (d - c) * column.share - upper) * row.share;
    }
  }
  return { values, height, width };
}
