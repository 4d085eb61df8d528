import { rgb } from "#src/math/colour";
import { inkOn } from "#src/math/contrast";
import { bend } from "#src/math/lookup";
import { unturned } from "#src/math/names";
import { signed } from "#src/math/numerals";
import { cellReading } from "#src/views/cell_reading";
import { isBelow, isOutside } from "#src/views/reading";
import { type RowDrawing, rowTile, type TileRow } from "#src/views/row_tile";
import type { Frame, MakeView, Subject } from "#src/views/view";

/** CSS pixels. */
export const WIDTH = 320;

/** Chips of an example. A browser does not lay out hundreds of thousands; a log may hold them. */
const CHIPS = 1000;
/** The same for tokens without a name, which say little. */
const UNNAMED = 512;
/** Characters of a chip. */
const LONGEST = 80;

/**
 * How many tokens are drawn, and words on the others.
 *
 * @param named how many tokens have a text; 0 where they were not stored.
 * @param adds whether scores add up: a segment's value, which each of its tokens has, does not.
 */
export function chips(
  scores: Float32Array,
  named: number,
  adds = true,
  write: (sum: number) => string = signed,
): { rows: number; rest: string } {
  const tokens = named === 0 ? scores.length : Math.min(scores.length, named);
  const rows = Math.min(tokens, named === 0 ? UNNAMED : CHIPS);
  const sum = scores.subarray(rows, tokens).reduce((total, score) => total + score, 0);
  const words = adds ? `, sum ${write(sum)}` : "";
  return { rows, rest: rows === tokens ? "" : `and ${tokens - rows} more tokens${words}` };
}

/** Unicode's pictures of control characters. */
const PICTURES = Array.from({ length: 32 }, (_, code) => String.fromCharCode(0x2400 + code));

/** White space as something to see. */
export function visible(token: string): string {
  if (token.length > LONGEST) {
    return `${visible(token.slice(0, LONGEST))}…`;
  }
  return token === ""
    ? "∅"
    : unturned(token)
        .replaceAll(" ", "·")
        .replaceAll("\n", "⏎")
        .replaceAll("\t", "⇥")
        .replaceAll("\r", "␍")
        .replace(/\p{Cc}/gu, (control) => PICTURES[control.charCodeAt(0)] ?? "�");
}

const PUNCTUATION = /^[!-/:-@[-`{-~]+$/;

/** Words of a text that the model cuts by itself, cut as Keras's TextVectorization does unless it is told otherwise. */
export function cut(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "" && !PUNCTUATION.test(word));
}

/** How a text was cut here, and what did not find a partner; the log does not say where the model cuts. */
export function cutWords(words: number, scores: Float32Array): string {
  const behind = scores.subarray(words);
  return [
    "cut at white space, which may not be how the model cuts; Probe(tokens=...) says it",
    words > scores.length ? `${words - scores.length} of ${words} words have no score` : "",
    behind.length > 0
      ? `${behind.length} ${behind.length === 1 ? "score" : "scores"} behind the text, sum ${signed(behind.reduce((a, b) => a + b, 0))}`
      : "",
  ]
    .filter(Boolean)
    .join("; ");
}

/** One chip per token, coloured by its score. Without strings (they may be private) the scores still have an order. */
function tokens(subject: Subject): RowDrawing<TileRow> {
  const words = subject.tokens.length === 1 ? cut(subject.tokens[0]!) : [];
  const isCut = (frame: Frame) => words.length > 0 && frame.values.length > 1;
  const named = (frame: Frame) => (isCut(frame) ? words : subject.tokens);
  return {
    name: "chips",
    width: WIDTH,
    count(frame) {
      const { rows, rest } = chips(frame.values, named(frame).length, frame.groups === undefined, frame.wording?.write);
      return {
        rows,
        rest: [rest, isCut(frame) ? cutWords(words.length, frame.values) : ""].filter(Boolean).join("; "),
      };
    },
    make() {
      const root = document.createElement("span");
      root.className = "chip";
      return { root };
    },
    fill({ root }, place, frame, look) {
      const text = visible(named(frame)[place] ?? `token ${place}`);
      if (root.textContent !== text) {
        root.textContent = text;
      }
      const stored = frame.values[place] ?? Number.NaN;
      const finite = Number.isFinite(stored);
      const drawn = finite && !isOutside(frame, place);
      const value = look.relu ? Math.max(0, stored) : stored;
      const colour = rgb(look.colours, drawn ? bend(value / look.scale.vmax, look.scale.gamma) : 0);
      root.classList.toggle("not-finite", !finite);
      const ids = frame.groups?.ids;
      root.classList.toggle("joined", place > 0 && drawn && ids !== undefined && ids[place] === ids[place - 1]);
      root.classList.toggle("below-error", isBelow(stored, frame.errors?.values[place]));
      root.style.backgroundColor = drawn ? `rgb(${colour.join(" ")})` : "";
      root.style.color = drawn ? `rgb(${inkOn(colour).join(" ")})` : "";
    },
    item: (place) => place,
    along: () => 1,
    read(token, frame, look) {
      const word = named(frame)[token];
      const words = word === undefined ? `token ${token}` : `token ${token}: ${visible(word)}`;
      return cellReading(frame, token, look, [], [words]);
    },
  };
}

export const textView: MakeView = (root, subject) => rowTile(root, tokens(subject));
