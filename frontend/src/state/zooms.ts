import { type Signal, signal } from "@preact/signals";
import { WHOLE, type Window } from "#src/math/window";
import type { Place } from "#src/state/current";

/** The part of each example's pictures that is seen: one for all of its row. */
export class Zooms {
  readonly #windows = new Map<string, Signal<Window>>();

  of({ hash, example }: Place): Signal<Window> {
    const name = JSON.stringify([hash, example]);
    const known = this.#windows.get(name) ?? signal(WHOLE);
    this.#windows.set(name, known);
    return known;
  }

  /** False where all of the picture is seen. */
  reset(place: Place): boolean {
    const window = this.of(place);
    const was = window.peek().zoom > 1;
    window.value = WHOLE;
    return was;
  }
}
