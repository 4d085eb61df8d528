import { CorruptBlobError, inflate, unpack } from "#src/data/blob";
import {
  Code,
  type Layer,
  MapBlobSchema,
  type Part,
} from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { codeBounds, codeValues, isRule } from "#src/math/companding";
import { half, halfBound } from "#src/math/half";

/** As docs/wire.md: a part of more axes or values is refused. */
const MAX_RANK = 8;
const MAX_CELLS = 2 ** 26;
/** One map: 2048 x 2048. */
const MAX_CELLS_OF_ONE = 2 ** 22;
/** Inflated, of all parts of one blob. */
export const MAX_BYTES = 2 ** 28;
/** The byte of a companded value that is none. */
const NOT_FINITE = 128;
/** Layers times two: maps and their thumbnails. */
const PARTS_PER_INPUT = 6;

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
  /** Of map `index`, how far the value of a cell may be from what was computed; 0 where it is stored as it was. */
  bounds(index: number): (cell: number) => number;
}

/** A loop, because Float32Array.from asks an iterator for each value: ten times as long, in every step of every tile. */
function filled(cells: number, at: (cell: number) => number): Float32Array {
  const values = new Float32Array(cells);
  for (let cell = 0; cell < cells; cell++) {
    values[cell] = at(cell);
  }
  return values;
}

/** Keeps nothing of the part itself: its payload is a piece of all that the server sent with it. */
function reader(
  { code, companding }: Part,
  data: Uint8Array<ArrayBuffer>,
  cells: number,
): Pick<StoredMaps, "values" | "bounds"> {
  const view = new DataView(data.buffer);
  switch (code) {
    case Code.INT8_COMPANDED: {
      const codes = (index: number) => data.subarray(index * cells, (index + 1) * cells);
      return {
        values(index) {
          const table = codeValues(companding[index]!);
          const own = codes(index);
          return filled(cells, (cell) => table[own[cell]!]!);
        },
        bounds(index) {
          const own = codes(index);
          const table = codeBounds(companding[index]!);
          // The largest value of a map has the largest code: where all are 0, nothing was rounded.
          table[0] = own.every((code) => code === 0 || code === NOT_FINITE) ? 0 : table[0]!;
          return (cell) => table[own[cell]!]!;
        },
      };
    }
    case Code.FLOAT16: {
      const bits = (index: number, cell: number) => view.getUint16((index * cells + cell) * 2, true);
      return {
        values: (index) => filled(cells, (cell) => half(bits(index, cell))),
        bounds: (index) => (cell) => halfBound(bits(index, cell)),
      };
    }
    default:
      return {
        values: (index) => filled(cells, (cell) => view.getFloat32((index * cells + cell) * 4, true)),
        bounds: () => () => 0,
      };
  }
}

/**
 * Values of `count` maps of a shape; a side of 0 counts as 1, so that a blob cannot claim any number of empty maps.
 * Ends at the limit: a product of many sides is no number any more, and a limit never catches NaN.
 */
function claimed(count: number, shape: readonly number[]): number {
  let product = 1;
  for (const side of [count, ...shape]) {
    product *= Math.max(1, side);
    if (!(product <= MAX_CELLS)) {
      return Infinity;
    }
  }
  return product;
}

interface Plan {
  readonly part: Part;
  readonly cells: number; // of one map
  readonly bytes: number; // of all, inflated
}

/** What a part will take, checked before anything is inflated. */
function plan(part: Part): Plan {
  const { shape, count, code } = part;
  const width = BYTES[code] ?? 0;
  if (width === 0) {
    throw new CorruptBlobError(`unknown code ${code}`);
  }
  if (shape.length > MAX_RANK) {
    throw new CorruptBlobError(`maps with ${shape.length} axes; a map has at most ${MAX_RANK}`);
  }
  if (!(claimed(count, shape) <= MAX_CELLS && claimed(1, shape) <= MAX_CELLS_OF_ONE)) {
    throw new CorruptBlobError(`${count} maps of shape [${shape}] hold more than a page can show`);
  }
  if (code === Code.INT8_COMPANDED) {
    if (part.companding.length !== count) {
      throw new CorruptBlobError(`${count} maps with ${part.companding.length} companding rules`);
    }
    const wrong = part.companding.find((rule) => !isRule(rule));
    if (wrong !== undefined) {
      throw new CorruptBlobError(`no such companding rule: knee ${wrong.knee} (${wrong.kneeCode}), peak ${wrong.peak}`);
    }
  }
  const cells = shape.reduce((product, side) => product * side, 1);
  return { part, cells, bytes: count * cells * width };
}

async function decode({ part, cells, bytes }: Plan): Promise<StoredMaps> {
  const data = await inflate(part.payload, bytes);
  const { layer, input, shape, count, thumbnail } = part;
  return { layer, input, shape, count, thumbnail, bytes: data.length, ...reader(part, data, cells) };
}

/** @throws CorruptBlobError when shape, code and payload do not fit together. */
export async function decodePart(part: Part): Promise<StoredMaps> {
  return decode(plan(part));
}

/**
 * Reads one element of a map step. Parts are inflated one after another, and none before all were checked.
 *
 * @param inputs how many inputs the series has.
 * @throws CorruptBlobError
 */
export async function decodeMapBlob(blob: Uint8Array, inputs: number): Promise<StoredMaps[]> {
  const { parts } = unpack(blob, MapBlobSchema);
  const most = PARTS_PER_INPUT * Math.max(1, inputs);
  if (parts.length > most) {
    throw new CorruptBlobError(`blob of ${parts.length} parts; a series of ${inputs} inputs has at most ${most}`);
  }
  const seen = new Set<string>();
  for (const { layer, input, thumbnail } of parts) {
    const name = `layer ${layer} of input ${input}${thumbnail ? ", thumbnails" : ""}`;
    if (seen.has(name)) {
      throw new CorruptBlobError(`blob holds ${name} twice`);
    }
    seen.add(name);
  }
  const plans = parts.map(plan);
  const total = plans.reduce((sum, { bytes }) => sum + bytes, 0);
  if (!(total <= MAX_BYTES)) {
    throw new CorruptBlobError(`blob inflates to ${total} bytes; a page shows at most ${MAX_BYTES} at once`);
  }
  const maps: StoredMaps[] = [];
  for (const each of plans) {
    maps.push(await decode(each));
  }
  return maps;
}
