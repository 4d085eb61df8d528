import { useMemo } from "preact/hooks";
import { partsOf } from "#src/state/parts";
import type { Selection } from "#src/state/selection";
import type { Session } from "#src/state/session";

/** Parts of what is selected. The widget is made again when one of them changes, and for no other change. */
export function useSelected<Name extends keyof Selection>(
  session: Pick<Session, "selection">,
  ...names: readonly Name[]
): Pick<Selection, Name> {
  return useMemo(() => partsOf(session.selection, names), [session, ...names]).value;
}
