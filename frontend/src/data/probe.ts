import { CorruptBlobError, unpack } from "#src/data/blob";
import { type Grid, MapBlobSchema } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { decodePart } from "#src/data/maps";

/** Values of one example's input, as the model gets it. */
export interface InputValues {
  readonly values: Float32Array; // [prod(shape)]
  readonly shape: readonly number[];
}

/**
 * Reads a stored input that is no picture: one part per input of the model.
 *
 * @throws CorruptBlobError
 */
export async function decodeInput(blob: Uint8Array, input: number): Promise<InputValues> {
  const part = unpack(blob, MapBlobSchema).parts.find((candidate) => candidate.input === input);
  if (part === undefined) {
    throw new CorruptBlobError(`blob holds no values of input ${input}`);
  }
  const stored = await decodePart(part);
  return { values: stored.values(0), shape: stored.shape };
}

/** A grid's shape for reading: "112 x 112". */
export function shapeWords(shape: readonly number[]): string {
  return shape.join(" × ");
}

/** Whether the stored cells are fewer than the method's own (block sums). */
export function isReduced(grid: Grid): boolean {
  return grid.shape.some((side, axis) => side < (grid.methodShape[axis] ?? side));
}
