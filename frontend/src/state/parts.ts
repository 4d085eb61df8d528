import type { ReadonlySignal } from "@preact/signals";
import type { Selection } from "#src/state/selection";
import { stable } from "#src/state/stable";

/** Some parts of a selection: the same object while the others change, as they do at every frame of a drag. */
export function partsOf<Name extends keyof Selection>(
  selection: ReadonlySignal<Selection>,
  names: readonly Name[],
): ReadonlySignal<Pick<Selection, Name>> {
  return stable<Pick<Selection, Name>>(
    () => selection.value,
    (a, b) => names.every((name) => a[name] === b[name]),
  );
}
