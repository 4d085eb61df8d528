import { effect, type ReadonlySignal } from "@preact/signals";
import { middle, showing } from "#src/math/window";
import { type Place, same } from "#src/state/current";
import type { View } from "#src/views/view";
import type { Page } from "#src/widgets/page";

/** A map or a picture of a row. */
export interface Readable extends Place {
  /** Which of the model's inputs it is of; undefined: the one that is shown as a picture. */
  readonly input: number | undefined;
  /** Key of its column. */
  readonly source: string;
}

function isOf(a: Pick<Readable, "input">, b: Pick<Readable, "input">): boolean {
  return a.input === undefined || b.input === undefined || a.input === b.input;
}

const NOWHERE = { clientX: 0, clientY: 0 };

/**
 * Lets a person read a map: what lies under the pointer, or at the spot that its row is read at, which is marked.
 *
 * @param drawn changes whenever the map does.
 * @param say is told the value at the spot where another map of the row is read, and whether the spot is high up.
 * @returns what stops it.
 */
export function readable(
  page: Page,
  map: Readable,
  root: HTMLElement,
  view: Pick<View, "spotAt" | "placeOf" | "mark" | "read">,
  drawn: ReadonlySignal<unknown>,
  say: (value: string | undefined, high: boolean) => void,
): () => void {
  const { reader, tip, zooms } = page;
  const isOwn = () => {
    const cursor = reader.cursor.peek();
    return same(cursor ?? null, map) && cursor?.source === map.source;
  };
  const move = (event: PointerEvent) => {
    const spot = view.spotAt(event);
    if (spot !== undefined) {
      const { hash, example, input, source } = map;
      reader.cursor.value = { hash, example, input, source, spot, byKeys: false };
    } else if (isOwn()) {
      reader.cursor.value = undefined;
    }
  };
  const leave = () => {
    if (isOwn() && reader.cursor.peek()?.byKeys === false) {
      reader.cursor.value = undefined;
    }
  };
  // A finger that taps has left before the click comes; what it read stays until the next touch of anything.
  const tap = (event: PointerEvent) => {
    if (event.pointerType === "touch") {
      move(event);
      addEventListener("pointerdown", leave, { capture: true, once: true });
    }
  };
  root.addEventListener("pointermove", move);
  root.addEventListener("pointerleave", leave);
  root.addEventListener("click", tap);
  let tipped = false;
  const stop = effect(() => {
    drawn.value;
    const cursor = reader.cursor.value;
    const here = cursor !== undefined && same(cursor, map) && isOf(cursor, map) ? cursor : undefined;
    const own = here?.source === map.source;
    if (own && here.byKeys && here.spot.on === "picture") {
      const window = zooms.of(map);
      window.value = showing(window.peek(), here.spot);
    }
    view.mark(here?.spot);
    const read = here && view.read(here.spot);
    const high = here?.spot.on === "picture" && here.spot.y < middle(zooms.of(map).peek()).y;
    say(own ? undefined : read?.value, high);
    if (own) {
      tip(view.placeOf(here.spot) ?? NOWHERE, read?.lines ?? []);
    } else if (tipped && cursor === undefined) {
      tip(NOWHERE, []); // else the map that is read now has shown its own
    }
    tipped = own;
  });
  return () => {
    root.removeEventListener("pointermove", move);
    root.removeEventListener("pointerleave", leave);
    root.removeEventListener("click", tap);
    stop();
    leave();
  };
}
