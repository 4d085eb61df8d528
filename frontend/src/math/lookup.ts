import { type ColourMap, rgb } from "#src/math/colour";

export const ENTRIES = 4096;
/** Entry of a value that is not finite; real values start at 1. */
export const NOT_FINITE = 0;
const CENTRE = ENTRIES / 2;

/** How values become colours. */
export interface Scale {
  /** Value at the end of the bar, > 0. */
  readonly vmax: number;
  /** Signed scores take a diverging map, symmetric about 0; others a sequential one from 0. */
  readonly signed: boolean;
  /** Colours follow |value / vmax| ** gamma: below 1 faint values gain colour, above 1 they lose it. */
  readonly gamma: number;
}

/** Place on the colour map of a value: -1..1, or 0..1 of an unsigned scale. @param t value / vmax. */
export function bend(t: number, gamma: number): number {
  return Math.sign(t) * Math.abs(t) ** gamma;
}

/** The value / vmax that has a place on the colour map. */
export function unbend(place: number, gamma: number): number {
  return bend(place, 1 / gamma);
}

/** The table entry of a value: 2048 is zero of a signed scale, 1 is zero of an unsigned one. */
export function entry(value: number, scale: Scale): number {
  if (!Number.isFinite(value)) {
    return NOT_FINITE;
  }
  const t = value / scale.vmax;
  const at = scale.signed ? CENTRE + Math.round(t * (CENTRE - 1)) : 1 + Math.round(t * (ENTRIES - 2));
  return Math.min(ENTRIES - 1, Math.max(1, at));
}

/** The value / vmax that a table entry stands for: -1..1 (signed) or 0..1. */
export function position(at: number, signed: boolean): number {
  return signed ? (at - CENTRE) / (CENTRE - 1) : (at - 1) / (ENTRIES - 2);
}

// Opaque from two thirds of the scale on: a straight line to the end leaves half of the bar hard to see, a
// root lifts the noise around zero.
const OPAQUE_FROM = 2 / 3;

/** Opacity of the heat over a picture, 0..1, at a place on the colour map: zero is transparent. */
export function overlayAlpha(t: number): number {
  return Math.min(1, Math.abs(t) / OPAQUE_FROM);
}

/**
 * RGBA of every entry, bytes [4096][4].
 *
 * @param overlay alpha grows with |value| for drawing over a picture; otherwise opaque.
 */
export function lookupTable(
  map: ColourMap,
  { signed, gamma }: Pick<Scale, "signed" | "gamma">,
  overlay: boolean,
): Uint8ClampedArray<ArrayBuffer> {
  const table = new Uint8ClampedArray(ENTRIES * 4);
  for (let at = 1; at < ENTRIES; at++) {
    const t = bend(position(at, signed), gamma);
    table.set(rgb(map, t), at * 4);
    table[at * 4 + 3] = overlay ? Math.round(255 * overlayAlpha(t)) : 255;
  }
  return table; // entry 0 stays transparent: what is not finite is hatched by what lies below
}

/** Colours a map: RGBA bytes [cells][4]. */
export function colourise(
  values: Float32Array,
  scale: Scale,
  table: Uint8ClampedArray<ArrayBuffer>,
): Uint8ClampedArray<ArrayBuffer> {
  const colours = new Uint32Array(table.buffer);
  const pixels = new Uint32Array(values.length);
  const factor = (scale.signed ? CENTRE - 1 : ENTRIES - 2) / scale.vmax;
  const zero = scale.signed ? CENTRE : 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // The same rule as `entry`, kept flat: this loop runs once per cell on the screen.
    const at = Math.min(ENTRIES - 1, Math.max(1, zero + Math.round(value * factor)));
    pixels[i] = colours[value - value === 0 ? at : NOT_FINITE]!; // inf - inf is NaN
  }
  return new Uint8ClampedArray(pixels.buffer);
}
