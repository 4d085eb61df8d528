import { computed, type ReadonlySignal } from "@preact/signals";

/** A computed value that stays the same object while nothing about it changes. */
export function stable<T>(compute: () => T, same: (a: T, b: T) => boolean): ReadonlySignal<T> {
  let last: T | undefined;
  return computed(() => {
    const next = compute();
    last = last !== undefined && same(last, next) ? last : next;
    return last;
  });
}
