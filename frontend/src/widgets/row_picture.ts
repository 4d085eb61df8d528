import type { ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { stepName } from "#src/math/numerals";
import { fileName } from "#src/math/plain_text";
import { drawPicture, LINE, linesOf, Paper } from "#src/render/paper";
import type { Column, Section } from "#src/state/columns";
import { epochAt } from "#src/state/epochs";
import { known } from "#src/state/loaded";
import type { Pair } from "#src/state/sides";
import { targetOf } from "#src/state/tags";
import { holds, shownStep } from "#src/state/tile";
import { drawAll } from "#src/views/near";
import { differenceIn } from "#src/widgets/difference_part";
import { exampleName } from "#src/widgets/example_head";
import { explained } from "#src/widgets/explained";
import type { Page } from "#src/widgets/page";
import { BAR, barHeight, barOf, differenceBarOf, drawBar } from "#src/widgets/picture_bar";
import { runLabel } from "#src/widgets/run_picker";

/** Pixels of the file for one of the screen. */
const SCALE = 2;
const MARGIN = 16;
const GAP = 16;
/** Narrower columns leave no room for their words. */
const NARROWEST = 150;

/** Words below a picture; what must not be missed has a badge. */
type Words = string | { readonly badge: string };

/** One picture of the row, with what is written below it. */
interface Panel {
  readonly picture: HTMLElement | null;
  /** It shows an earlier step. */
  readonly held?: boolean;
  readonly lines: readonly Words[];
}

/** The lines of an element: its children's, or its own; without badges, as the step that is shown is written anyhow. */
function textOf(element: Element | null): string[] {
  const lines = element === null ? [] : element.children.length > 0 ? [...element.children] : [element];
  const isBadge = (node: Node) => node instanceof Element && node.matches(".badge");
  const words = (line: Element) => [...line.childNodes].map((node) => (isBadge(node) ? "" : node.textContent));
  return lines.map((line) => words(line).join("").trim()).filter(Boolean);
}

/** The step that a column shows, and the one that it has no map of. */
export function stepWords(column: Column, asked: number): Words[] {
  const shown = shownStep(column, asked)?.step;
  if (shown === undefined) {
    return [];
  }
  const name = stepName(shown, epochAt(column.run, shown));
  return holds(column, asked) ? [{ badge: `still ${name}` }, `no map of step ${asked}`] : [name];
}

function columnWords({ run, tag, series }: Column): string[] {
  const maps = series?.maps;
  return [
    maps?.method || tag,
    maps === undefined ? "" : explained(maps.scalar, targetOf(tag) || maps.target),
    `run ${runLabel(run)}`,
  ].filter(Boolean);
}

/** Both sides of a difference, each with its method, its run and its step. */
export function pairWords({ a, b }: Pair, refused: boolean, stepOf: (column: Column) => number): Words[] {
  const side = (name: string, column: Column): Words[] => {
    const [method, ...more] = columnWords(column);
    return [`${name}: ${method}`, ...more, ...stepWords(column, stepOf(column))];
  };
  return ["B − A", ...(refused ? [{ badge: "refused" }] : []), ...side("B", b), ...side("A", a)];
}

function panelOf(cell: Element, lines: readonly Words[], words = ".tile-words"): Panel {
  const drawn = cell.querySelector(".tile.failed, .tile.missing, .tile.busy") === null;
  return {
    picture: drawn ? cell.querySelector<HTMLElement>(".picture") : null,
    held: cell.querySelector(".tile.held") !== null,
    lines: [...lines, ...textOf(cell.querySelector(words)), ...textOf(cell.querySelector(".caption"))],
  };
}

function panels({ session, difference }: Page, section: Section, row: HTMLElement): Panel[] {
  const cells = [...row.querySelectorAll(":scope > .cell")];
  const stepOf = (column: Column) => session.shown.stepOf(column);
  const maps = section.columns.map((column, at) => {
    const lines = [...columnWords(column), ...stepWords(column, stepOf(column))];
    return panelOf(cells[at]!, lines, ".tile-words, .tile.missing");
  });
  const pair = differenceIn(session, section);
  if (pair !== undefined) {
    const refused = (known(difference.get())?.difference.refusals.value ?? []).length > 0;
    maps.push(panelOf(cells[section.columns.length]!, pairWords(pair, refused, stepOf)));
  }
  const lines = [
    ...textOf(row.querySelector(".example .example-name")),
    ...textOf(row.querySelector(".example-words")),
  ];
  return [{ picture: row.querySelector<HTMLElement>(".original-box"), lines }, ...maps];
}

function bars({ session, difference }: Page, section: Section) {
  const own = section.columns.filter(({ series }) => series?.maps !== undefined);
  const all = [...new Map(own.map((column) => [column.tag, column]))].map(([tag, column]) =>
    barOf(session, tag, column),
  );
  const parts = differenceIn(session, section) && known(difference.get());
  return parts === undefined ? all : [...all, differenceBarOf(session, parts)];
}

/** What is written, line by line; the first words are the name. */
function wrap(words: readonly Words[], width: number): { line: string; bold: boolean; badge: boolean }[] {
  return words.flatMap((one, at) => {
    const badge = typeof one !== "string";
    const bold = at === 0 && !badge;
    return linesOf(badge ? one.badge : one, width, bold).map((line) => ({ line, bold, badge }));
  });
}

function drawPanel(
  paper: Paper,
  { picture, held = false }: Panel,
  lines: ReturnType<typeof wrap>,
  x: number,
  below: number,
): void {
  if (picture !== null) {
    drawPicture(paper, picture, x, MARGIN);
    if (held) {
      paper.dash(x, MARGIN, picture.clientWidth, picture.clientHeight);
    }
  }
  lines.forEach(({ line, bold, badge }, at) => {
    const y = below + at * LINE;
    if (badge) {
      paper.badge(line, x, y);
    } else {
      paper.write(line, x, y, { bold });
    }
  });
}

/** The row as one picture: what is on the screen, and all that a reader must know of it. */
export function drawRow(page: Page, section: Section, row: HTMLElement): HTMLCanvasElement {
  drawAll(row);
  const all = panels(page, section, row);
  const scales = bars(page, section);
  const width = Math.max(NARROWEST, ...all.map(({ picture }) => picture?.clientWidth ?? 0));
  const below = MARGIN + Math.max(0, ...all.map(({ picture }) => picture?.clientHeight ?? 0)) + 4;
  const lines = all.map((panel) => wrap(panel.lines, width));
  let y = below + Math.max(...lines.map((own) => own.length)) * LINE + GAP;
  const across = Math.max(BAR.width, all.length * (width + GAP) - GAP);
  const height = scales.reduce((sum, words) => sum + barHeight(words, across) + GAP, y);
  const paper = new Paper(across + 2 * MARGIN, height, SCALE);
  all.forEach((panel, place) => {
    drawPanel(paper, panel, lines[place]!, MARGIN + place * (width + GAP), below);
  });
  for (const words of scales) {
    drawBar(paper, page.session, words, MARGIN, y, across);
    y += barHeight(words, across) + GAP;
  }
  return paper.canvas;
}

/** Saves a row as a PNG file. */
export async function saveRow(
  page: Page,
  section: Section,
  probe: ProbeBlob,
  example: number,
  row: HTMLElement,
): Promise<void> {
  const canvas = drawRow(page, section, row);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (blob === null) {
    throw new Error(`the browser makes no file of ${canvas.width} × ${canvas.height} pixels`);
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  const runs = new Set(section.columns.map(({ run }) => runLabel(run)));
  link.download = fileName([exampleName(probe, example), ...runs, `step ${page.session.shown.step.value}`], "png");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
