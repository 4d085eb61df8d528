/// <reference types="vite/client" />

declare module "virtual:colour-knots" {
  /** Knots of every colour map, `[n][3]` with 0..255, evenly spaced. */
  const knots: Record<"RdBu" | "PuOr" | "viridis" | "cividis" | "magma" | "grey", [number, number, number][]>;
  export default knots;
}
