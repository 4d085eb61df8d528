import { type Column, inputOf, type Kinds, modalityOf } from "#src/state/columns";
import { viewOf } from "#src/views/by_modality";

/**
 * CSS pixels that a column is wide, on the page and in its head.
 *
 * @param input the chosen one; null: the one that the probe is about. @param tile side of pictures.
 */
export function columnWidth(column: Column, probe: Kinds | undefined, input: number | null, tile: number): number {
  return viewOf(modalityOf(column, probe, inputOf(column, input))).width(tile);
}
