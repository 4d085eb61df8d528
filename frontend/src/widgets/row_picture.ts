import type { ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { END_WORDS } from "#src/math/colour";
import { unbend } from "#src/math/lookup";
import { stepName } from "#src/math/numerals";
import { fileName } from "#src/math/plain_text";
import { drawPicture, LINE, Paper, QUIET } from "#src/render/paper";
import { canvasRenderer } from "#src/render/tile_renderer";
import { type Column, epochAt, type Section, targetOf } from "#src/state/columns";
import { endOf } from "#src/state/selection";
import type { Session } from "#src/state/session";
import { shownStep } from "#src/state/tile";
import { tableFor } from "#src/views/tables";
import { exampleName } from "#src/widgets/example_head";
import { effectOn, explained } from "#src/widgets/explained";
import { runLabel } from "#src/widgets/run_picker";
import { barNotes, nothingWords, SCOPE_BADGES, tickWords } from "#src/widgets/scope";

/** Pixels of the file for one of the screen. */
const SCALE = 2;
const MARGIN = 16;
const GAP = 16;
/** Narrower columns leave no room for their words. */
const NARROWEST = 150;
const BAR = { width: 480, height: 14 };
/** Colours of the bar: odd, so that the middle one is zero. */
const COLOURS = 2 * BAR.width + 1;

/** One picture of the row, with what is written below it. */
interface Panel {
  readonly picture: HTMLElement | null;
  readonly lines: readonly string[];
}

/** The lines of an element: its children's, or its own; without badges, as the step that is shown is written anyhow. */
function textOf(element: Element | null): string[] {
  const lines = element === null ? [] : element.children.length > 0 ? [...element.children] : [element];
  const isBadge = (node: Node) => node instanceof Element && node.matches(".badge");
  const words = (line: Element) => [...line.childNodes].map((node) => (isBadge(node) ? "" : node.textContent));
  return lines.map((line) => words(line).join("").trim()).filter(Boolean);
}

function columnWords(session: Session, column: Column): string[] {
  const maps = column.series?.maps;
  const shown = shownStep(column, session.shown.stepOf(column));
  return [
    maps?.method || column.tag,
    maps === undefined ? "" : explained(maps.scalar, targetOf(column.tag) || maps.target),
    `run ${runLabel(column.run)}`,
    shown === undefined ? "" : stepName(shown.step, epochAt(column.run, shown.step)),
  ].filter(Boolean);
}

function panels(session: Session, section: Section, row: HTMLElement): Panel[] {
  const cells = [...row.querySelectorAll<HTMLElement>(":scope > .cell")];
  const maps = section.columns.map((column, at): Panel => {
    const cell = cells[at]!;
    const drawn = cell.querySelector(".tile.failed, .tile.missing, .tile.busy") === null;
    return {
      picture: drawn ? cell.querySelector<HTMLElement>(".picture") : null,
      lines: [
        ...columnWords(session, column),
        ...textOf(cell.querySelector(".tile-words, .tile.missing")),
        ...textOf(cell.querySelector(".caption")),
      ],
    };
  });
  const lines = [
    ...textOf(row.querySelector(".example .example-name")),
    ...textOf(row.querySelector(".example-words")),
  ];
  return [{ picture: row.querySelector<HTMLElement>(".original-box"), lines }, ...maps];
}

/** Words on a colour scale, and its colours where it has any. */
function barOf(session: Session, tag: string, column: Column) {
  const { scope, clip, diverging, sequential, relu } = session.selection.value;
  const maps = column.series!.maps!;
  const bar = session.scales.bar(tag);
  const head = `${maps.method || tag}: ${explained(maps.scalar, targetOf(tag) || maps.target)}`;
  if (bar === undefined || !bar.known) {
    return { head, bar: undefined, low: "", high: "", colours: sequential, notes: [nothingWords(scope)] };
  }
  const made = scope === "manual" && endOf(session.selection.value, tag) === undefined ? "series" : scope;
  const effect = effectOn(maps.scalar);
  const end = END_WORDS[diverging];
  return {
    head,
    bar,
    colours: bar.signed ? diverging : sequential,
    low: bar.signed ? `≤ ${tickWords(bar, -1, clip)} ${end.negative}: ${effect.negative}` : "0",
    high: bar.signed
      ? `≥ ${tickWords(bar, 1, clip)} ${end.positive}: ${effect.positive}`
      : `≥ ${tickWords(bar, 1, clip)} ${maps.signed ? effect.positive : "strength"}`,
    notes: [
      SCOPE_BADGES[made] ?? "",
      barNotes(bar, made, clip),
      `palette ${bar.signed ? diverging : sequential}, gamma ${bar.gamma}`,
      maps.cam && maps.signed && relu ? "negative drawn as 0" : "",
    ].filter(Boolean),
  };
}

type BarWords = ReturnType<typeof barOf>;

function drawBar(paper: Paper, { head, bar, colours, low, high, notes }: BarWords, y: number, width: number): void {
  paper.write(head, MARGIN, y, width, { bold: true });
  if (bar !== undefined) {
    const from = bar.signed ? -1 : 0;
    const values = Float32Array.from(
      { length: COLOURS },
      (_, i) => bar.vmax * unbend(from + ((1 - from) * i) / (COLOURS - 1), bar.gamma),
    );
    const strip = document.createElement("canvas");
    canvasRenderer.draw(strip, { values, height: 1, width: COLOURS }, bar, tableFor(colours, bar, false));
    paper.context.imageSmoothingEnabled = false;
    paper.context.drawImage(strip, MARGIN, y + LINE + 2, BAR.width, BAR.height);
    paper.write(low, MARGIN, y + 2 * LINE + 2, BAR.width / 2 - 4);
    paper.context.textAlign = "right";
    paper.write(high, MARGIN + BAR.width, y + 2 * LINE + 2, BAR.width / 2 - 4);
    paper.context.textAlign = "left";
  }
  notes.forEach((note, at) => {
    paper.write(note, MARGIN, y + (3 + at) * LINE + 2, width, { ink: QUIET });
  });
}

/** The row as one picture: what is on the screen, and all that a reader must know of it. */
export function drawRow(session: Session, section: Section, row: HTMLElement): HTMLCanvasElement {
  const all = panels(session, section, row);
  const width = Math.max(NARROWEST, ...all.map(({ picture }) => picture?.clientWidth ?? 0));
  const tall = Math.max(0, ...all.map(({ picture }) => picture?.clientHeight ?? 0));
  const lines = Math.max(...all.map((panel) => panel.lines.length));
  const own = section.columns.filter(({ series }) => series?.maps !== undefined);
  const bars = [...new Map(own.map((column) => [column.tag, column]))].map(([tag, column]) =>
    barOf(session, tag, column),
  );
  const top = MARGIN + tall + 4 + lines * LINE + GAP;
  const heights = bars.map(({ notes }) => (3 + notes.length) * LINE + GAP);
  const across = Math.max(BAR.width, all.length * (width + GAP) - GAP);
  const whole = { width: across + 2 * MARGIN, height: top + heights.reduce((a, b) => a + b, 0) };
  const paper = new Paper(whole.width, whole.height, SCALE);
  all.forEach((panel, place) => {
    const x = MARGIN + place * (width + GAP);
    if (panel.picture !== null) {
      drawPicture(paper, panel.picture, x, MARGIN);
    }
    panel.lines.forEach((line, at) => {
      paper.write(line, x, MARGIN + tall + 4 + at * LINE, width, { bold: at === 0 });
    });
  });
  let y = top;
  bars.forEach((bar, at) => {
    drawBar(paper, bar, y, across);
    y += heights[at]!;
  });
  return paper.canvas;
}

/** Saves a row as a PNG file. */
export async function saveRow(
  session: Session,
  section: Section,
  probe: ProbeBlob,
  example: number,
  row: HTMLElement,
): Promise<void> {
  const canvas = drawRow(session, section, row);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (blob === null) {
    throw new Error(`the browser makes no file of ${canvas.width} × ${canvas.height} pixels`);
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  const runs = new Set(section.columns.map(({ run }) => runLabel(run)));
  link.download = fileName([exampleName(probe, example), ...runs, `step ${session.shown.step.value}`], "png");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
