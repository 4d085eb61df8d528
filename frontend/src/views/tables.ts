import type { ColourMap } from "#src/math/colour";
import { lookupTable } from "#src/math/lookup";

const made = new Map<string, Uint8ClampedArray<ArrayBuffer>>();

/** Look-up tables are shared by all tiles. */
export function tableFor(colours: ColourMap, signed: boolean, overlay: boolean): Uint8ClampedArray<ArrayBuffer> {
  const name = `${colours}/${signed}/${overlay}`;
  let table = made.get(name);
  if (table === undefined) {
    table = lookupTable(colours, signed, overlay);
    made.set(name, table);
  }
  return table;
}
