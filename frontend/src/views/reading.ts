import { numeral, percent, roundedUp, signed } from "#src/math/numerals";
import { rank } from "#src/math/rank";
import { pixelsOf } from "#src/math/spot";
import type { Frame, Look, Reading } from "#src/views/view";

/** One stored value and those it stands among. */
export interface Stored {
  readonly value: number;
  /** How far it may be from what was computed, because of how it is stored. */
  readonly bound: number;
  /** All values of its map. */
  readonly among: Float32Array;
  /** Of how many segments which it is of. */
  readonly segment?: { readonly id: number; readonly count: number } | undefined;
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
function rankWords(share: number, all: string): string {
  return share === 1
    ? `the largest |score| of ${all}`
    : `percentile ${Math.floor(share * 1000) / 10} of |scores| of ${all}`;
}

/** Whether a value cannot be told from none, by the method's own error. */
export function isBelow(value: number, error: number | undefined): boolean {
  return error !== undefined && Math.abs(value) < error;
}

/** What a person reads of one stored value. */
export function reading({ value, bound, among, segment, error }: Stored, look: Look): Reading {
  if (segment !== undefined && segment.id < 0) {
    return { value: "–", lines: ["in no segment: it always stays as it is"] };
  }
  const short = signed(value, 4);
  const own = segment === undefined ? [] : [`segment ${segment.id} (one of ${segment.count})`];
  if (!Number.isFinite(value)) {
    return { value: short, lines: [`${short}: not finite`, ...own] };
  }
  const stored = bound === 0 ? "stored exactly" : `stored to within ±${numeral(roundedUp(bound), 2)}`;
  const below = isBelow(value, error?.value) ? "; the score is below it" : "";
  return {
    value: short,
    lines: [
      `${short}  (${scaleWords(value, look)})`,
      ...own,
      stored,
      rankWords(rank(among, value), segment === undefined ? "this map" : "this map’s segments"),
      ...(error === undefined ? [] : [`${error.words} ±${numeral(error.value, 2)}${below}`]),
    ],
  };
}

/** Whether a cell is in none of the groups that there are. */
export function isOutside({ groups }: Frame, cell: number): boolean {
  return groups !== undefined && groups.ids[cell]! < 0;
}

/** The groups that a cell's value stands among, and which is its own. */
export function groupOf({ groups, values }: Frame, cell: number): Pick<Stored, "among" | "segment"> {
  return groups === undefined
    ? { among: values }
    : { among: groups.values, segment: { id: groups.ids[cell] ?? Number.NaN, count: groups.values.length } };
}

/** Which pixels of the input a cell holds, where it holds several. */
export function pixelWords(
  [height = 0, width = 0]: readonly number[],
  { shape, methodShape, thumbnail }: Frame,
  row: number,
  column: number,
): string[] {
  const [rows = 1, columns = 1] = shape;
  if (rows >= height && columns >= width) {
    return [];
  }
  // A thumbnail's cell is a block of stored cells, which may be blocks themselves.
  const [down = rows, across = columns] = thumbnail ? shape : methodShape;
  const y = pixelsOf(row, rows, down, height);
  const x = pixelsOf(column, columns, across, width);
  return [`input rows ${y.join("–")}, columns ${x.join("–")}`];
}
