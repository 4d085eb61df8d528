import type { Run } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { bySeries, type Column, columnOf } from "#src/state/columns";
import type { Selection } from "#src/state/selection";
import { methodOf, shownMethods, shownTarget, tagOf } from "#src/state/tags";

/** One side of a difference. */
export interface Side {
  readonly run: string;
  /** Without its target. */
  readonly method: string;
  /** null: the step on screen. */
  readonly step: number | null;
}

/** What is subtracted: the difference is B - A. */
export interface Sides {
  readonly a: Side;
  readonly b: Side;
}

/** Both sides of a difference as columns, which need not stand on the page by themselves. */
export interface Pair {
  readonly a: Column;
  readonly b: Column;
}

/** A column as one side. The last one of a film strip is the step on screen, and goes on with it. */
export function sideOf({ run, tag, step }: Column, onScreen: number): Side {
  return { run: run.run, method: methodOf(tag), step: step === undefined || step === onScreen ? null : step };
}

/** Undefined where the run or the method is not on screen. */
export function columnAt(
  runs: readonly Run[],
  selection: Pick<Selection, "methods" | "target">,
  side: Side,
): Column | undefined {
  const run = runs.find((one) => one.run === side.run);
  if (run === undefined || !shownMethods(runs, selection).includes(side.method)) {
    return undefined;
  }
  const column = columnOf(run, tagOf(side.method, shownTarget(runs, selection)));
  return { ...column, key: JSON.stringify([column.key, side.step]), step: side.step ?? undefined };
}

/** Undefined where no difference is asked for, or a side is not on screen. */
export function pairOf(runs: readonly Run[], selection: Selection, sides: Sides | null): Pair | undefined {
  const a = sides && columnAt(runs, selection, sides.a);
  const b = sides && columnAt(runs, selection, sides.b);
  return a && b ? { a, b } : undefined;
}

/** What has to be equal for scores to be subtracted; the words for it are in refusals.ts. */
function comparedBy({ series }: Column): string {
  const { probeHash, target, scalar, method, signed, cam, parameters = [], grids = [] } = series?.maps ?? {};
  const named = parameters.map(({ name, value }) => [name, value]).sort();
  const shapes = grids.map((grid) => [grid.shape, grid.methodShape]);
  return JSON.stringify([probeHash, target, scalar, method, signed, cam, named, shapes]);
}

/** Of a film strip its first and its last step, else the first two columns that can be compared, else the first two. */
export function firstSides(columns: readonly Column[], onScreen: number): Sides | undefined {
  const there = columns.filter((column) => column.series !== undefined);
  const strip = bySeries(there).find((steps) => steps.length > 1) ?? [];
  const seen = new Map<string, Column>();
  const second = there.find((column) => {
    const by = comparedBy(column);
    const found = seen.has(by);
    seen.set(by, seen.get(by) ?? column);
    return found;
  });
  const first = second && seen.get(comparedBy(second));
  const [a, b] = strip.length > 0 ? [strip[0], strip.at(-1)] : first ? [first, second] : there;
  return a && b && { a: sideOf(a, onScreen), b: sideOf(b, onScreen) };
}

/** Whether scores have one unit and much the same size: not at two steps of training, nor of two methods. */
function hasOneScale({ a, b }: Sides): boolean {
  return a.step === b.step && a.method === b.method;
}

/** Takes these sides; where their scores are of two scales, what is seen starts as shares of each map. */
export function compare(selection: Selection, sides: Sides | null): Selection {
  const last = selection.difference;
  const starts = sides !== null && !hasOneScale(sides) && (last === null || hasOneScale(last));
  return { ...selection, difference: sides, scope: starts ? "share" : selection.scope };
}
