import { signal } from "@preact/signals";
import { togglePin } from "#src/state/find";
import type { FoundRows } from "#src/state/found";

/** A row of the page. */
export interface Place {
  readonly hash: string;
  readonly example: number;
}

export function same(one: Place | null, other: Place | null): boolean {
  return one?.hash === other?.hash && one?.example === other?.example;
}

/** The example that keys act on. */
export class CurrentExample {
  readonly place = signal<Place | null>(null);
  /** The row that is to have the focus as soon as it is there. */
  readonly wanted = signal<Place | null>(null);
  /** The first row on screen, where keys begin. */
  top: Place | null = null;

  constructor(private readonly rows: FoundRows) {}

  /** The next row, or where there is no current one, the first on screen. */
  move(by: 1 | -1): void {
    const places = this.#places();
    const at = places.findIndex((place) => same(place, this.place.peek()));
    const next = at < 0 ? this.top : places[Math.min(places.length - 1, Math.max(0, at + by))];
    this.goTo(next ?? places[0] ?? null);
  }

  /** The current row, or where it is not found any more the first on screen. */
  focus(): void {
    this.goTo(this.#here(this.#places()));
  }

  goTo(place: Place | null): void {
    this.place.value = place;
    this.wanted.value = place;
  }

  /** Pins a row, or takes its pin away. It leaves its place then, so that the row behind it comes next. */
  pin(asked?: Place): void {
    const places = this.#places();
    const place = asked ?? this.#here(places);
    if (place === null) {
      return;
    }
    const at = places.findIndex((one) => same(one, place));
    const { hash, example } = place;
    this.rows.session.update((selection) => ({ ...selection, pins: togglePin(selection.pins, hash, example) }));
    this.goTo(places[at + 1] ?? places[at - 1] ?? place);
  }

  #here(places: readonly Place[]): Place | null {
    return places.find((place) => same(place, this.place.peek())) ?? this.top;
  }

  #places(): Place[] {
    return this.rows.session.shown.sections.peek().flatMap((section) => {
      const found = this.rows.of(section);
      return "rows" in found ? found.rows.examples.map((example) => ({ hash: section.hash, example })) : [];
    });
  }
}
