import { CorruptBlobError, inflate } from "#src/data/blob";
import { Modality, type ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { MAX_BYTES } from "#src/data/maps";

const WIDTH = 4; // bytes of an id

/** Axes of a map of ids that a view can draw; the writer holds the same (docs/wire.md). */
const AXES: Record<Modality, readonly number[]> = {
  [Modality.UNKNOWN]: [1],
  [Modality.IMAGE]: [2],
  [Modality.TABULAR]: [1],
  [Modality.TEXT]: [1],
  [Modality.TIME_SERIES]: [1, 2],
};

/** Which segment each cell of an input belongs to. */
export interface Segments {
  readonly shape: readonly number[]; // of one example
  /** Int32 [prod(shape)]. */
  ids(example: number): Int32Array;
}

/** Whether a probe says, in a way that can be drawn, which segments an input has. */
export function hasSegments(probe: ProbeBlob, input: number, modality: Modality): boolean {
  const axes = probe.segments[input]?.shape.length ?? 0;
  return (AXES[modality] ?? []).includes(axes);
}

/** @throws CorruptBlobError when shape and payload do not fit together. */
export async function decodeSegments({ segments, examples }: ProbeBlob, input: number): Promise<Segments> {
  const { shape, payload } = segments[input]!;
  const cells = shape.reduce((product, side) => product * side, 1);
  const bytes = examples * cells * WIDTH;
  if (!(bytes <= MAX_BYTES)) {
    throw new CorruptBlobError(`segments of ${examples} examples of shape [${shape}] are more than a page can show`);
  }
  const view = new DataView((await inflate(payload, bytes)).buffer);
  return {
    shape,
    ids: (example) =>
      Int32Array.from({ length: cells }, (_, cell) => view.getInt32((example * cells + cell) * WIDTH, true)),
  };
}
