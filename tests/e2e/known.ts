/** Cells of a side of a known map. */
export const SIDE = 8;

/** The formula of made_up.py, `known_map`: rows of one example. */
export function knownMap(step: number, example: number): number[][] {
  return Array.from({ length: SIDE }, (_, y) =>
    Array.from({ length: SIDE }, (_, x) => Math.fround(((step + 1) * (y - x)) / 64 + example / 16)),
  );
}
