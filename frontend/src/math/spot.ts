/**
 * A place in an example, the same in all maps of it: in a picture, in shares of its sides; else a feature, token or
 * channel, and how far along its row, 0..1.
 */
export type Spot =
  | { readonly on: "picture"; readonly x: number; readonly y: number }
  | { readonly on: "row"; readonly row: number; readonly along: number };

/** The index of the cell that a share of a side lies in, of `count` cells. */
export function cellAt(share: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(share * count)));
}

/** The middle of the cell that lies `by` cells behind the one of a share, held at the ends. */
export function besides(share: number, by: number, count: number): number {
  return (Math.min(count - 1, Math.max(0, cellAt(share, count) + by)) + 0.5) / count;
}

/**
 * Pixels of an input's side that a stored cell holds: the first, and the last.
 *
 * @param method cells of the method's own grid along this side: a stored cell is a block of them, the last one narrower
 *   where they do not divide the side.
 */
export function pixelsOf(cell: number, cells: number, method: number, side: number): [number, number] {
  const block = Math.ceil(method / cells);
  const edge = (at: number) => (Math.min(method, at * block) * side) / method;
  return [Math.floor(edge(cell)), Math.ceil(edge(cell + 1)) - 1];
}
