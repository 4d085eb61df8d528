import { Modality, type ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
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

/** Room for the name of an example, its buttons and its curve. */
const WORDS = 168; // CSS pixels
const GAPS = 24; // CSS pixels beside a picture

/** CSS pixels that the first column is wide: it holds the input where that is a picture. @param tile side of pictures. */
export function exampleWidth(probe: Pick<ProbeBlob, "modality" | "inputsStored"> | undefined, tile: number): number {
  const picture = probe?.modality === Modality.IMAGE && probe.inputsStored;
  return Math.max(WORDS, picture ? tile + GAPS : 0);
}
