import type { ReadonlySignal, Signal } from "@preact/signals";
import type { BarOrder } from "#src/state/bar_order";
import type { CurrentExample } from "#src/state/current";
import type { FoundRows } from "#src/state/found";
import type { Later } from "#src/state/later";
import type { Play } from "#src/state/play";
import type { Reader } from "#src/state/reader";
import type { SegmentMaps } from "#src/state/segments";
import type { Selection } from "#src/state/selection";
import type { Session } from "#src/state/session";
import type { Zooms } from "#src/state/zooms";
import type { Tip } from "#src/views/view";
import type { DifferenceParts } from "#src/widgets/difference_part";

export const LOOKS = ["cells", "overlay", "tile", "diverging", "sequential", "relu"] as const;

/** What widgets share: the session, and what belongs to this window only. */
export interface Page {
  readonly session: Session;
  readonly rows: FoundRows;
  readonly current: CurrentExample;
  readonly barOrder: BarOrder;
  readonly segments: SegmentMaps;
  readonly reader: Reader;
  readonly zooms: Zooms;
  readonly play: Play;
  /** The code of the difference column. */
  readonly difference: Later<DifferenceParts>;
  /** How maps are drawn, but for their opacity, which is CSS's. */
  readonly looks: ReadonlySignal<Pick<Selection, (typeof LOOKS)[number]>>;
  readonly dark: Signal<boolean>;
  /** The heat is hidden while the key is held. */
  readonly peek: Signal<boolean>;
  /** The sheet of keys is open. */
  readonly help: Signal<boolean>;
  /** Runs, examples and display lie over the maps, where there is no room beside them. */
  readonly side: Signal<boolean>;
  readonly tip: Tip;
}
