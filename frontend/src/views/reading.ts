import { numeral, percent, roundedUp, signed } from "#src/math/numerals";
import { rank } from "#src/math/rank";
import type { Look, Reading } from "#src/views/view";

/** One stored value and those it stands among. */
export interface Stored {
  readonly value: number;
  /** How far it may be from what was computed, because of how it is stored. */
  readonly bound: number;
  /** All values of its map. */
  readonly among: Float32Array;
  /** What the method itself says about it. */
  readonly error?: { readonly value: number; readonly words: string } | undefined;
}

function scaleWords(value: number, look: Look): string {
  const ofMap = look.sum === undefined ? "" : `${percent(Math.abs(value) / look.sum)} of the map’s sum, `;
  const share = `${ofMap}${percent(Math.abs(value) / look.scale.vmax)} of the scale`;
  return look.relu && value < 0
    ? "drawn as 0 (ReLU)"
    : share + (Math.abs(value) > look.scale.vmax ? ", beyond the bar" : "");
}

/** Rounded down: only the largest is at 100. */
function rankWords(share: number): string {
  return share === 1
    ? "the largest |score| of this map"
    : `percentile ${Math.floor(share * 1000) / 10} of |scores| of this map`;
}

/** Whether a value cannot be told from none, by the method's own error. */
export function isBelow(value: number, error: number | undefined): boolean {
  return error !== undefined && Math.abs(value) < error;
}

/** What a person reads of one stored value. */
export function reading({ value, bound, among, error }: Stored, look: Look): Reading {
  const short = signed(value, 4);
  if (!Number.isFinite(value)) {
    return { value: short, lines: [`${short}: not finite`] };
  }
  const stored = bound === 0 ? "stored exactly" : `stored to within ±${numeral(roundedUp(bound), 2)}`;
  const below = isBelow(value, error?.value) ? "; the score is below it" : "";
  return {
    value: short,
    lines: [
      `${short}  (${scaleWords(value, look)})`,
      stored,
      rankWords(rank(among, value)),
      ...(error === undefined ? [] : [`${error.words} ±${numeral(error.value, 2)}${below}`]),
    ],
  };
}
