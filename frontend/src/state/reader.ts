import { signal } from "@preact/signals";
import type { Spot } from "#src/math/spot";
import { type Place, same } from "#src/state/current";

/** A spot that is read: it is marked in every map of its example. */
export interface Cursor extends Place {
  readonly spot: Spot;
  /** Which of the model's inputs the spot is of; undefined: the one that is shown as a picture. */
  readonly input: number | undefined;
  /** Key of the column whose map it is read in. */
  readonly source: string;
  readonly byKeys: boolean;
}

/** A map on the page, as far as keys move on it. */
export interface ReadableMap extends Place {
  readonly input: number;
  readonly source: string;
  /** Where its column stands in the row. */
  readonly order: number;
  readonly step: (from: Spot | undefined, right: number, down: number) => Spot | undefined;
}

/** Whose values a person reads, by pointer or by keys. */
export class Reader {
  readonly cursor = signal<Cursor | undefined>(undefined);
  readonly #maps = new Set<ReadableMap>();

  /** Returns what takes it away. */
  add(map: ReadableMap): () => void {
    this.#maps.add(map);
    return () => {
      this.#maps.delete(map);
      const cursor = this.cursor.peek();
      if (same(cursor ?? null, map) && cursor?.source === map.source) {
        this.cursor.value = undefined;
      }
    };
  }

  /** Begins with the first map of a row, or goes on to the next one with the same spot. */
  enter(place: Place): void {
    const maps = [...this.#maps].filter((map) => same(map, place)).sort((a, b) => a.order - b.order);
    const cursor = this.cursor.peek();
    const here = cursor?.byKeys && same(cursor, place) ? cursor : undefined;
    const at = maps.findIndex((map) => map.source === here?.source);
    const next = maps[(at + 1) % maps.length];
    if (next !== undefined) {
      this.#read(next, here?.input === next.input ? here.spot : undefined, 0, 0);
    }
  }

  /** Moves by cells of the map that is read; false where none is read by keys. */
  move(right: number, down: number): boolean {
    const cursor = this.cursor.peek();
    const map = [...this.#maps].find((one) => same(one, cursor ?? null) && one.source === cursor?.source);
    if (cursor?.byKeys !== true || map === undefined) {
      return false;
    }
    this.#read(map, cursor.spot, right, down);
    return true;
  }

  /** False where nothing is read by keys. */
  leave(): boolean {
    if (this.cursor.peek()?.byKeys !== true) {
      return false;
    }
    this.cursor.value = undefined;
    return true;
  }

  #read(
    { hash, example, input, source, step }: ReadableMap,
    from: Spot | undefined,
    right: number,
    down: number,
  ): void {
    const spot = step(from, right, down);
    this.cursor.value = spot && { hash, example, input, source, spot, byKeys: true };
  }
}
