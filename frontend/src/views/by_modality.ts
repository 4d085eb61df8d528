import { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { imageView } from "#src/views/image";
import * as tabular from "#src/views/tabular";
import * as text from "#src/views/text";
import * as timeSeries from "#src/views/time_series";
import type { MakeView } from "#src/views/view";

interface Drawing {
  readonly make: MakeView;
  /** Of a column, CSS pixels, at a chosen side of pictures. */
  readonly width: (tile: number) => number;
  /** Its rows are in one order for the whole probe, by size of their scores; others keep the input's. */
  readonly sorted?: boolean;
}

/** Narrowest picture whose caption still reads. */
const NARROWEST = 96;

const TABLE: Drawing = { make: tabular.tabularView, width: () => tabular.WIDTH, sorted: true };

/** A modality without a view does not compile. */
const VIEWS: Record<Modality, Drawing> = {
  // What it is was not logged: the scores are still numbers in an order.
  [Modality.UNKNOWN]: TABLE,
  [Modality.IMAGE]: { make: imageView, width: (tile) => Math.max(tile, NARROWEST) },
  [Modality.TABULAR]: TABLE,
  [Modality.TEXT]: { make: text.textView, width: () => text.WIDTH },
  [Modality.TIME_SERIES]: { make: timeSeries.timeSeriesView, width: () => timeSeries.WIDTH },
};

/** How a modality is drawn; one that a newer writer has invented is drawn as numbers. */
export function viewOf(modality: Modality): Drawing {
  return VIEWS[modality] ?? TABLE;
}
