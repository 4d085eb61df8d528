import type { ReadonlySignal } from "@preact/signals";
import { DEFAULTS, type Selection } from "#src/state/selection";
import { stable } from "#src/state/stable";

/** What a selection asks for besides colours. */
export type Asked = Omit<Selection, "opacity" | "diverging" | "sequential">;

export const ASKED = (Object.keys(DEFAULTS) as (keyof Selection)[]).filter(
  (name): name is keyof Asked => name !== "opacity" && name !== "diverging" && name !== "sequential",
);

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
