import { computed, type ReadonlySignal } from "@preact/signals";
import type { StoredTile } from "#src/state/tile";
import type { Frame } from "#src/views/view";

/** What the maps of a column are, as far as their stored form does not say. */
export interface Kind {
  readonly methodShape: readonly number[];
  /** What its errors are, in words. */
  readonly errorWords: string;
}

function frameOf({ map, errors }: StoredTile, kind: Kind, input: Frame["input"]): Frame {
  const { maps, index } = map;
  return {
    values: maps.values(index),
    shape: maps.shape,
    methodShape: kind.methodShape,
    thumbnail: maps.thumbnail,
    bound: (cell) => maps.bound(index, cell),
    errors: errors && { values: errors.maps.values(errors.index), words: kind.errorWords },
    input,
  };
}

/** Reads maps; the last one is kept, so that a change of looks does not read it again. */
export function frames(): (tile: StoredTile, kind: Kind, input: Frame["input"]) => Frame {
  let last: { readonly tile: StoredTile; readonly frame: Frame } | undefined;
  return (tile, kind, input) => {
    if (last?.tile !== tile || last.frame.input !== input) {
      last = { tile, frame: frameOf(tile, kind, input) };
    }
    return last.frame;
  };
}

/** A computed value that stays the same object while nothing about it changes. */
export function stable<T>(compute: () => T, same: (a: T, b: T) => boolean): ReadonlySignal<T> {
  let last: T | undefined;
  return computed(() => {
    const next = compute();
    last = last !== undefined && same(last, next) ? last : next;
    return last;
  });
}
