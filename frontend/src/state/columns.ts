import {
  type Index,
  Modality,
  type ProbeBlob,
  type Run,
  type Series,
} from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { nearestEarlier, spread, union } from "#src/math/steps";
import type { Selection } from "#src/state/selection";
import { seriesOfTag, shownMethods, shownTarget, tagOf } from "#src/state/tags";

/** Runs that the page shows before anybody chose. */
const FIRST_RUNS = 3;
/** Steps of a film strip. */
const STRIP = 6;

/** One method of one run: at the page's step, or at a step of its own. */
export interface Column {
  /** Of the column on the page. */
  readonly key: string;
  /** Of what it shows: columns at other steps of a series share its numbers and its scale. */
  readonly seriesKey: string;
  readonly run: Run;
  readonly tag: string;
  /** Undefined: this run has no such method. */
  readonly series: Series | undefined;
  /** Undefined: the step on screen. */
  readonly step: number | undefined;
}

/** Columns that explain the same inputs, and so share rows. */
export interface Section {
  readonly hash: string;
  /** A run that has the probe stored. */
  readonly run: string;
  readonly examples: number;
  readonly columns: readonly Column[];
}

export function shownRuns(index: Index, selection: Pick<Selection, "runs">): Run[] {
  if (selection.runs === null) {
    return index.runs.slice(0, FIRST_RUNS);
  }
  return index.runs.filter((run) => selection.runs?.includes(run.run));
}

/** What the series of a column is called in its run, where it may name no target. */
export function loggedTag({ series, tag }: Pick<Column, "series" | "tag">): string {
  return series?.maps?.tag ?? tag;
}

export function columnOf(run: Run, tag: string): Column {
  const series = seriesOfTag(run, tag);
  const key = JSON.stringify([run.run, tag]);
  return { key, seriesKey: key, run, tag, series, step: undefined };
}

/** Columns at the page's step; neighbours differ in their run, or in their method. */
function plainColumns(runs: readonly Run[], selection: Selection): Column[] {
  const target = shownTarget(runs, selection);
  const tags = shownMethods(runs, selection).map((method) => tagOf(method, target));
  return selection.across === "methods"
    ? runs.flatMap((run) => tags.map((tag) => columnOf(run, tag)))
    : tags.flatMap((tag) => runs.map((run) => columnOf(run, tag)));
}

/** Each column at several steps, from the first to the one on screen. Keys are of places: a strip that grows redraws. */
function strips(columns: readonly Column[], selection: Selection): Column[] {
  const steps = stepsOf(columns);
  const until = steps.slice(0, stepIndex(steps, selection) + 1);
  return columns.flatMap((column) =>
    spread(until.length, STRIP).map((at, place) => ({
      ...column,
      key: JSON.stringify([column.seriesKey, place]),
      step: until[at],
    })),
  );
}

/** Of the probe that a column explains; that of its run's other series where it has none. */
export function hashOf({ run, series }: Column): string {
  return (series ?? run.series[0])?.maps?.probeHash ?? run.probeHashes[0] ?? "";
}

/** Columns of the page, grouped by probe. */
export function sections(index: Index, selection: Selection): Section[] {
  const plain = plainColumns(shownRuns(index, selection), selection);
  const found = new Map<string, { run: string; examples: number; columns: Column[] }>();
  for (const column of selection.across === "steps" ? strips(plain, selection) : plain) {
    const { run, series } = column;
    const hash = hashOf(column);
    const section = found.get(hash) ?? { run: run.run, examples: 0, columns: [] };
    section.examples = Math.max(section.examples, (series ?? run.series[0])?.maps?.examples ?? 0);
    section.columns.push(column);
    found.set(hash, section);
  }
  return [...found].map(([hash, section]) => ({ hash, ...section }));
}

export function columnsOf(all: readonly Section[]): Column[] {
  return all.flatMap((section) => section.columns);
}

/** One column of each series. */
export function seriesOf(columns: readonly Column[]): Column[] {
  return bySeries(columns).flatMap((strip) => strip.slice(0, 1));
}

/** Columns that show steps of the same series, together. */
export function bySeries(columns: readonly Column[]): Column[][] {
  const found = new Map<string, Column[]>();
  for (const column of columns) {
    found.set(column.seriesKey, [...(found.get(column.seriesKey) ?? []), column]);
  }
  return [...found.values()];
}

/**
 * The input whose map a column shows: the chosen one, or the one that its probe is about; where a method has no map
 * there, its first.
 */
export function inputOf(column: Column, chosen: number | null): number {
  const { grids = [], shown = 0 } = column.series?.maps ?? {};
  const wanted = chosen ?? shown;
  const hasMap = (at: number) => (grids[at]?.shape.length ?? 0) > 0;
  return hasMap(wanted) ? wanted : Math.max(0, [...grids.keys()].findIndex(hasMap));
}

/** Scores are of units of a layer, which have no place in an input. */
export function hasUnits(column: Column): boolean {
  return column.series?.maps?.units ?? false;
}

/** What a probe says of the kinds of its inputs. */
export type Kinds = Pick<ProbeBlob, "modality" | "shown" | "modalities">;

/** How the maps of an input are drawn: as numbers where they have no rows and columns, as the units of a layer are. */
export function modalityOf(column: Column, probe: Kinds | undefined, input: number): Modality {
  if (probe === undefined || hasUnits(column)) {
    return Modality.UNKNOWN;
  }
  const kind = input === probe.shown ? probe.modality : (probe.modalities[input] ?? Modality.UNKNOWN);
  const axes = column.series?.maps?.grids[input]?.shape.length ?? 0;
  return kind === Modality.IMAGE && axes < 2 ? Modality.UNKNOWN : kind;
}

/** Every step that any shown series has. */
export function stepsOf(columns: readonly Column[]): number[] {
  return union(columns.map((column) => column.series?.steps ?? []));
}

/** Index of the step on screen within `steps`; -1 when there is none. */
export function stepIndex(steps: readonly number[], selection: Pick<Selection, "step">): number {
  if (selection.step === null) {
    return steps.length - 1;
  }
  // A step that this set of runs does not have shows the nearest earlier one.
  return steps.length === 0 ? -1 : Math.max(0, nearestEarlier(steps, selection.step));
}

/** One colour scale per this: the runs shown, the method, the target. */
export function scaleKey(runs: readonly Run[], tag: string, clip: number): string {
  return JSON.stringify([runs.map((run) => run.run).sort(), tag, clip]);
}
