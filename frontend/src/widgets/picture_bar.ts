import { END_WORDS } from "#src/math/colour";
import { unbend } from "#src/math/lookup";
import { LINE, linesOf, type Paper, QUIET } from "#src/render/paper";
import { canvasRenderer } from "#src/render/tile_renderer";
import type { Column } from "#src/state/columns";
import type { Bar } from "#src/state/scale";
import { endOf } from "#src/state/selection";
import type { Session } from "#src/state/session";
import { targetOf } from "#src/state/tags";
import { tableFor } from "#src/views/tables";
import type { DifferenceParts } from "#src/widgets/difference_part";
import { type Effect, effectOn, explained } from "#src/widgets/explained";
import { barNotes, nothingWords, SCOPE_BADGES, tickWords } from "#src/widgets/scope";

export const BAR = { width: 480, height: 14 };
/** Colours of the bar: odd, so that the middle one is zero. */
const COLOURS = 2 * BAR.width + 1;

/** Words on a colour scale, and its colours where it has any. */
export interface BarWords {
  readonly head: string;
  readonly bar?: Bar;
  readonly low?: string;
  readonly high?: string;
  readonly notes: readonly string[];
}

function withEnds(session: Session, bar: Bar, effect: Effect) {
  const { clip, diverging } = session.selection.value;
  const end = END_WORDS[diverging];
  return bar.signed
    ? {
        low: `≤ ${tickWords(bar, -1, clip)} ${end.negative}: ${effect.negative}`,
        high: `≥ ${tickWords(bar, 1, clip)} ${end.positive}: ${effect.positive}`,
      }
    : { low: "0", high: `≥ ${tickWords(bar, 1, clip)} ${effect.positive}` };
}

function coloursOf(session: Session, bar: Bar) {
  const { diverging, sequential } = session.selection.value;
  return bar.signed ? diverging : sequential;
}

function paletteWords(session: Session, bar: Bar): string {
  return `palette ${coloursOf(session, bar)}, gamma ${bar.gamma}`;
}

/** The scale of the columns of a tag. */
export function barOf(session: Session, tag: string, column: Column): BarWords {
  const { scope, clip, relu } = session.selection.value;
  const maps = column.series!.maps!;
  const bar = session.scales.bar(tag);
  const head = `${maps.method || tag}: ${explained(maps.scalar, targetOf(tag) || maps.target)}`;
  if (bar === undefined || !bar.known) {
    return { head, notes: [nothingWords(scope)] };
  }
  const made = scope === "manual" && endOf(session.selection.value, tag) === undefined ? "series" : scope;
  const effect = effectOn(maps.scalar);
  return {
    head,
    bar,
    ...withEnds(session, bar, maps.signed ? effect : { ...effect, positive: "strength" }),
    notes: [
      SCOPE_BADGES[made] ?? "",
      barNotes(bar, made, clip),
      paletteWords(session, bar),
      maps.cam && maps.signed && relu ? "negative drawn as 0" : "",
    ].filter(Boolean),
  };
}

/** The scale of the difference. */
export function differenceBarOf(session: Session, { difference, scaleOf }: DifferenceParts): BarWords {
  const head = "B − A: its own scale";
  const reasons = difference.refusals.value;
  if (reasons.length > 0) {
    return { head: "B − A: refused", notes: reasons };
  }
  const { bar, notes, effect } = scaleOf(session, difference);
  if (bar === undefined) {
    return { head, notes: [notes] };
  }
  const badge = bar.unit === "share" ? (SCOPE_BADGES.share ?? "") : "";
  const all = [badge, notes, paletteWords(session, bar)].filter(Boolean);
  return { head, bar, ...withEnds(session, bar, effect), notes: all };
}

/** Its words line by line: the head, the ends of the bar, the notes. Every line has a height of `LINE`. */
function textOf({ head, bar, low = "", high = "", notes }: BarWords, width: number) {
  const half = BAR.width / 2 - 4;
  return {
    head: linesOf(head, width, true),
    ends: bar === undefined ? [[], []] : [linesOf(low, half), linesOf(high, half)],
    notes: notes.flatMap((note) => linesOf(note, width)),
  };
}

/** CSS pixels that it takes. */
export function barHeight(words: BarWords, width: number): number {
  const { head, ends, notes } = textOf(words, width);
  const strip = words.bar === undefined ? 0 : 1;
  return (head.length + strip + Math.max(...ends.map((end) => end.length)) + notes.length) * LINE;
}

export function drawBar(paper: Paper, session: Session, words: BarWords, x: number, y: number, width: number): void {
  const { bar } = words;
  const { head, ends, notes } = textOf(words, width);
  let below = y;
  const write = (lines: readonly string[], style: Parameters<Paper["write"]>[3]) => {
    for (const line of lines) {
      paper.write(line, x, below, style);
      below += LINE;
    }
  };
  write(head, { bold: true });
  if (bar !== undefined) {
    const from = bar.signed ? -1 : 0;
    const values = Float32Array.from(
      { length: COLOURS },
      (_, i) => bar.vmax * unbend(from + ((1 - from) * i) / (COLOURS - 1), bar.gamma),
    );
    const strip = document.createElement("canvas");
    const table = tableFor(coloursOf(session, bar), bar, false);
    canvasRenderer.draw(strip, { values, height: 1, width: COLOURS }, bar, table);
    paper.context.imageSmoothingEnabled = false;
    paper.context.drawImage(strip, x, below + 2, BAR.width, BAR.height);
    below += LINE + 2;
    for (const [side, lines] of ends.entries()) {
      paper.context.textAlign = side === 0 ? "left" : "right";
      for (const [at, line] of lines.entries()) {
        paper.write(line, x + side * BAR.width, below + at * LINE);
      }
    }
    paper.context.textAlign = "left";
    below += Math.max(...ends.map((lines) => lines.length)) * LINE;
  }
  write(notes, { ink: QUIET });
}
