import { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { imageView } from "#src/views/image";
import { tabularView } from "#src/views/tabular";
import { textView } from "#src/views/text";
import { timeSeriesView } from "#src/views/time_series";
import type { MakeView } from "#src/views/view";

/** A modality without a view does not compile. */
export const VIEWS: Record<Modality, MakeView> = {
  // What it is was not logged: the scores are still numbers in an order.
  [Modality.UNKNOWN]: tabularView,
  [Modality.IMAGE]: imageView,
  [Modality.TABULAR]: tabularView,
  [Modality.TEXT]: textView,
  [Modality.TIME_SERIES]: timeSeriesView,
};
