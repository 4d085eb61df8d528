import type { Signal } from "@preact/signals";
import type { BarOrder } from "#src/state/bar_order";
import type { Session } from "#src/state/session";
import type { Tip } from "#src/views/view";

/** What widgets share: the session, and what belongs to this window only. */
export interface Page {
  readonly session: Session;
  readonly barOrder: BarOrder;
  readonly dark: Signal<boolean>;
  /** The heat is hidden while the key is held. */
  readonly peek: Signal<boolean>;
  readonly tip: Tip;
}
