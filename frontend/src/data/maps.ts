import { CorruptBlobError, inflate, unpack } from "#src/data/blob";
import {
  Code,
  type Layer,
  MapBlobSchema,
  type Part,
} from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { codeValues, isRule } from "#src/math/companding";
import { half } from "#src/math/half";

/** As the writer's reader: a part of more cells is not one that a screen can show. */
export const MAX_CELLS = 2 ** 26;
/** One map: 2048 x 2048. */
const MAX_CELLS_OF_ONE = 2 ** 22;

const BYTES: Record<Code, number> = {
  [Code.UNKNOWN]: 0,
  [Code.INT8_COMPANDED]: 1,
  [Code.FLOAT16]: 2,
  [Code.FLOAT32]: 4,
};

/** `count` maps of one shape, kept as stored: a quarter of the memory of their values. */
export interface StoredMaps {
  readonly layer: Layer;
  readonly input: number;
  readonly shape: readonly number[]; // of one map
  readonly count: number;
  readonly thumbnail: boolean;
  readonly bytes: number;
  /** Values of map `index`, float32 [prod(shape)]; NaN where a companded value was not finite. */
  values(index: number): Float32Array;
}

function reader(part: Part, data: Uint8Array<ArrayBuffer>, cells: number): (index: number) => Float32Array {
  switch (part.code) {
    case Code.INT8_COMPANDED:
      return (index) => {
        const table = codeValues(part.companding[index]!);
        return Float32Array.from(data.subarray(index * cells, (index + 1) * cells), (code) => table[code]!);
      };
    case Code.FLOAT16: {
      const view = new DataView(data.buffer);
      return (index) =>
        Float32Array.from({ length: cells }, (_, i) => half(view.getUint16((index * cells + i) * 2, true)));
    }
    default: {
      const view = new DataView(data.buffer);
      return (index) => Float32Array.from({ length: cells }, (_, i) => view.getFloat32((index * cells + i) * 4, true));
    }
  }
}

/** @throws CorruptBlobError when shape, code and payload do not fit together. */
export async function decodePart(part: Part): Promise<StoredMaps> {
  const width = BYTES[part.code] ?? 0;
  if (width === 0) {
    throw new CorruptBlobError(`unknown code ${part.code}`);
  }
  const cells = part.shape.reduce((product, side) => product * side, 1);
  if (part.count * cells > MAX_CELLS || cells > MAX_CELLS_OF_ONE) {
    throw new CorruptBlobError(`${part.count} maps of shape [${part.shape}] hold more than a page can show`);
  }
  if (part.code === Code.INT8_COMPANDED) {
    if (part.companding.length !== part.count) {
      throw new CorruptBlobError(`${part.count} maps with ${part.companding.length} companding rules`);
    }
    const wrong = part.companding.find((rule) => !isRule(rule));
    if (wrong !== undefined) {
      throw new CorruptBlobError(`no such companding rule: knee ${wrong.knee} (${wrong.kneeCode}), peak ${wrong.peak}`);
    }
  }
  const data = await inflate(part.payload, part.count * cells * width);
  const { layer, input, shape, count, thumbnail } = part;
  return { layer, input, shape, count, thumbnail, bytes: data.length, values: reader(part, data, cells) };
}

/** @throws CorruptBlobError */
export async function decodeMapBlob(blob: Uint8Array): Promise<StoredMaps[]> {
  return Promise.all(unpack(blob, MapBlobSchema).parts.map(decodePart));
}
