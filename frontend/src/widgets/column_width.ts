import type { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { type Column, inputOf, modalityOf } from "#src/state/columns";
import { viewOf } from "#src/views/by_modality";

/**
 * CSS pixels that a column is wide, on the page and in its head.
 *
 * @param input the chosen one. @param tile side of pictures.
 */
export function columnWidth(column: Column, probe: Modality, input: number, tile: number): number {
  return viewOf(modalityOf(column, probe, inputOf(column, input))).width(tile);
}
