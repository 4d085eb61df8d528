import type { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import type { BarOrder } from "#src/state/bar_order";
import type { Column, Section } from "#src/state/columns";
import { viewOf } from "#src/views/by_modality";

/** The order of a column's bars; undefined where it has none. Pictures do not ask: every tile does at every drawing. */
export function orderOf(orders: Pick<BarOrder, "of">, section: Section, column: Column, modality: Modality) {
  return viewOf(modality).sorted ? orders.of(section, column) : undefined;
}
