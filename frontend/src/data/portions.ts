/** A series by its run, and its tag in that run. */
export interface SeriesName {
  readonly run: string;
  readonly tag: string;
}

/** As the server's limit. */
const MOST_SERIES = 64;
/** Characters of one address; proxies take 8,000, and names of runs may be long. */
const LONGEST = 6000;

/**
 * Cuts a list into parts that fit into one request each, in order.
 *
 * @param length characters that an item adds to the address, besides its names.
 */
export function portions<T extends SeriesName>(items: readonly T[], length: (item: T) => number = () => 0): T[][] {
  const found: T[][] = [];
  let left = 0;
  for (const item of items) {
    const { run, tag } = item;
    const cost = new URLSearchParams({ run, tag }).toString().length + length(item);
    const last = found.at(-1);
    if (last === undefined || last.length === MOST_SERIES || cost > left) {
      found.push([item]);
      left = LONGEST - cost;
    } else {
      last.push(item);
      left -= cost;
    }
  }
  return found;
}
