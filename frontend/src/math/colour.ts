import knots from "virtual:colour-knots";

export type Diverging = "RdBu" | "PuOr";
export type Sequential = "viridis" | "cividis" | "magma" | "grey";
export type ColourMap = Diverging | Sequential;

export const DIVERGING: readonly Diverging[] = ["RdBu", "PuOr"];
export const SEQUENTIAL: readonly Sequential[] = ["viridis", "cividis", "magma", "grey"];

/** What the ends of a diverging map look like, in words. */
export const END_WORDS: Record<Diverging, { positive: string; negative: string }> = {
  RdBu: { positive: "red", negative: "blue" },
  PuOr: { positive: "orange", negative: "purple" },
};

/** Colour of the signed map's positive end comes first in the knots. */
function isDiverging(map: ColourMap): map is Diverging {
  return (DIVERGING as readonly string[]).includes(map);
}

/**
 * Colour of a position on a map, piecewise linear between its knots in sRGB.
 *
 * @param t diverging: -1 (negative end) .. 1 (positive end), 0 is exactly neutral; sequential: 0 .. 1. Clamped.
 * @returns [r, g, b], 0..255, whole.
 */
export function rgb(map: ColourMap, t: number): [number, number, number] {
  const colours = knots[map];
  const share = isDiverging(map) ? (1 - t) / 2 : t;
  const at = Math.min(1, Math.max(0, share)) * (colours.length - 1);
  const low = Math.min(colours.length - 2, Math.floor(at));
  const a = colours[low]!;
  const b = colours[low + 1]!;
  const mix = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * (at - low));
  return [mix(0), mix(1), mix(2)];
}

/** As CSS. */
export function cssColour(map: ColourMap, t: number): string {
  return `rgb(${rgb(map, t).join(" ")})`;
}
