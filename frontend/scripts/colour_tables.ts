import * as chromatic from "d3-scale-chromatic";
import type { Plugin } from "vite";

// What the page calls a map, and the knots it is drawn through. Diverging ones run from "supports" to
// "against" and have an odd number of knots, so that zero is a knot: exactly
// neutral. The library's own PuOr begins with purple, and its RdBu with red.
const DIVERGING = { RdBu: chromatic.schemeRdBu[9], PuOr: chromatic.schemePuOr[9]?.toReversed() };
const SEQUENTIAL = {
  viridis: chromatic.interpolateViridis,
  cividis: chromatic.interpolateCividis,
  magma: chromatic.interpolateMagma,
  grey: (t: number) => chromatic.interpolateGreys(1 - t),
};
const SEQUENTIAL_KNOTS = 33;

function triple(colour: string): number[] {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour)?.[1];
  if (hex !== undefined) {
    return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  }
  return (colour.match(/\d+/g) ?? []).slice(0, 3).map(Number);
}

/** Knots of every colour map, `[n][3]` with 0..255, evenly spaced. */
export function colourKnots(): Record<string, number[][]> {
  const knots: Record<string, number[][]> = {};
  for (const [name, scheme] of Object.entries(DIVERGING)) {
    knots[name] = (scheme ?? []).map(triple);
  }
  for (const [name, at] of Object.entries(SEQUENTIAL)) {
    knots[name] = Array.from({ length: SEQUENTIAL_KNOTS }, (_, i) => triple(at(i / (SEQUENTIAL_KNOTS - 1))));
  }
  return knots;
}

/** Serves `virtual:colour-knots`: the page ships numbers, not the library that makes them. */
export function colourTables(): Plugin {
  const id = "virtual:colour-knots";
  return {
    name: "colour-tables",
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load: (resolved) => (resolved === `\0${id}` ? `export default ${JSON.stringify(colourKnots())};` : undefined),
  };
}
