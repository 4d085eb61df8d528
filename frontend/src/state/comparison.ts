import { cosine, minus } from "#src/math/difference";
import { noiseOf, type Operands, shapeOf, type Treatment, valuesOf } from "#src/state/operands";

/** Both sides of an example and what is between them, [prod(shape)] each. */
export interface Comparison {
  readonly a: Float32Array;
  readonly b: Float32Array;
  /** b - a. */
  readonly difference: Float32Array;
  /** A difference below this cannot be told from none. */
  readonly noise: Float32Array;
  readonly shape: readonly number[];
  readonly thumbnail: boolean;
  /** Of the maps, -1..1, see Treatment; NaN where a map is zero or not finite. */
  readonly cosine: number;
  readonly centred: boolean;
  readonly note: string | undefined;
}

export function comparisonOf({ a, b }: Operands, how: Treatment): Comparison {
  const [x, y] = [valuesOf(a, how), valuesOf(b, how)];
  const more = noiseOf(b, how);
  const note = a.tile.note === undefined ? b.tile.note && `B: ${b.tile.note}` : `A: ${a.tile.note}`;
  return {
    a: x,
    b: y,
    difference: minus(y, x),
    noise: noiseOf(a, how).map((size, cell) => size + more[cell]!),
    shape: shapeOf(a, how),
    thumbnail: a.tile.map.maps.thumbnail,
    cosine: cosine(x, y, how.centred),
    centred: how.centred,
    note,
  };
}
