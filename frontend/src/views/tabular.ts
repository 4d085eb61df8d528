import { cssColour } from "#src/math/colour";
import { unturned } from "#src/math/names";
import { numeral, signed } from "#src/math/numerals";
import { cellReading } from "#src/views/cell_reading";
import { isBelow, isOutside } from "#src/views/reading";
import { type RowDrawing, rowTile, type TileRow } from "#src/views/row_tile";
import type { Frame, Look, MakeView, Subject } from "#src/views/view";

/** Rows of a tile; what does not fit is summed in one line. */
const ROWS = 14;
/** CSS pixels. */
export const WIDTH = 340;

interface Row extends TileRow {
  readonly name: HTMLElement;
  readonly input: HTMLElement;
  readonly track: HTMLElement;
  readonly bar: HTMLElement;
  readonly score: HTMLElement;
}

function part(line: HTMLElement, name: string): HTMLElement {
  const element = document.createElement("span");
  element.className = name;
  line.append(element);
  return element;
}

/**
 * Where a bar lies on its track, in per cent of the track: zero has one place for the whole series.
 *
 * @param t score in units of the scale's end; beyond it, the bar ends there. Nothing is drawn of what is not finite.
 */
export function barBox(t: number, signedScale: boolean): { left: number; width: number } {
  const zero = signedScale ? 50 : 0;
  const bounded = Number.isFinite(t) ? Math.max(-1, Math.min(1, t)) : 0;
  const width = Math.abs(bounded) * (100 - zero);
  return { left: bounded < 0 ? zero - width : zero, width };
}

/** Words on the rows that did not fit. A segment's value, which each of its features has, does not add up. */
function restWords(others: readonly number[], { values, groups, wording }: Frame, kind: string): string {
  const sum = others.reduce((total, feature) => total + (values[feature] ?? 0), 0);
  const words = groups === undefined ? `, sum ${(wording?.write ?? signed)(sum)}` : "";
  return others.length === 0 ? "" : `${others.length} more ${kind}s${words}`;
}

/** A value of the input: its words where it has some; not a number is none. */
export function inputWords(value: number, words: string | undefined, digits = 3): string {
  return words || (Number.isNaN(value) ? "missing" : numeral(value, digits));
}

/** Signed bars, one per feature, in one order for the whole probe and all steps. */
function bars(subject: Subject): RowDrawing<Row> {
  const orderOf = (frame: Frame, look: Look) => look.order ?? Array.from(frame.values.keys());
  const kind = subject.row ?? "feature";
  const nameOf = (feature: number) => unturned(subject.featureNames[feature] ?? `${kind} ${feature}`);
  return {
    name: "bars",
    width: WIDTH,
    count(frame, look) {
      const order = orderOf(frame, look);
      return { rows: Math.min(ROWS, order.length), rest: restWords(order.slice(ROWS), frame, kind) };
    },
    make() {
      const root = document.createElement("div");
      root.className = "bar-row";
      const name = part(root, "feature");
      const input = part(root, "input");
      const track = part(root, "track");
      return { root, name, input, track, bar: part(track, "bar"), score: part(root, "score") };
    },
    fill(row, place, frame, look) {
      const feature = orderOf(frame, look)[place]!;
      const stored = frame.values[feature] ?? Number.NaN;
      const value = look.relu && stored < 0 ? 0 : stored;
      const input = frame.input?.values[feature];
      row.name.textContent = nameOf(feature);
      row.name.title = nameOf(feature);
      row.input.textContent = input === undefined ? "" : inputWords(input, subject.tokens[feature]);
      row.score.textContent = isOutside(frame, feature) ? "–" : (frame.wording?.write ?? signed)(stored);
      row.root.classList.toggle("not-finite", !Number.isFinite(stored));
      row.root.classList.toggle("below-error", isBelow(stored, frame.errors?.values[feature]));
      row.root.classList.toggle("beyond", Math.abs(value) > look.scale.vmax);
      row.track.classList.toggle("from-zero", !look.scale.signed);
      const { left, width } = barBox(value / look.scale.vmax, look.scale.signed);
      row.bar.style.left = `${left}%`;
      row.bar.style.width = `${width}%`;
      row.bar.style.backgroundColor = cssColour(look.colours, look.scale.signed ? (value < 0 ? -1 : 1) : 0.7);
    },
    item: (place, frame, look) => orderOf(frame, look)[place]!,
    along: () => 1,
    read(feature, frame, look) {
      const input = frame.input?.values[feature];
      const words = input === undefined ? [] : [`input ${inputWords(input, subject.tokens[feature], 6)}`];
      return cellReading(frame, feature, look, [nameOf(feature)], words);
    },
  };
}

export const tabularView: MakeView = (root, subject) => rowTile(root, bars(subject));
