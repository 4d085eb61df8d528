import type { ColourMap } from "#src/math/colour";
import { lookupTable, type Scale } from "#src/math/lookup";

const made = new Map<string, Uint8ClampedArray<ArrayBuffer>>();

/** Look-up tables are shared by all tiles. */
export function tableFor(
  colours: ColourMap,
  scale: Pick<Scale, "signed" | "gamma">,
  overlay: boolean,
): Uint8ClampedArray<ArrayBuffer> {
  const name = `${colours}/${scale.signed}/${scale.gamma}/${overlay}`;
  let table = made.get(name);
  if (table === undefined) {
    table = lookupTable(colours, scale, overlay);
    made.set(name, table);
  }
  return table;
}
