/** Remembers the last thing made, for as long as it would be made from the same. */
export function remembered<T>(): (from: readonly unknown[], make: () => T) => T {
  let last: { readonly from: readonly unknown[]; readonly made: T } | undefined;
  return (from, make) => {
    if (
      last === undefined ||
      from.length !== last.from.length ||
      from.some((one, at) => !Object.is(one, last?.from[at]))
    ) {
      last = { from, made: make() };
    }
    return last.made;
  };
}
