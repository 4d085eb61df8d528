import type { Run } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import type { Column } from "#src/state/columns";
import { type SeriesStats, StatColumn } from "#src/state/series_stats";

/** What one run says of an example over its steps. */
export interface Followed {
  readonly run: Run;
  /** p(target); or where a model has no probabilities, the value that it predicts. */
  readonly kind: "probability" | "value";
  /** The class whose probability it is; NaN where the log does not say, or where it is not the same at all steps. */
  readonly target: number;
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

type Stats = Pick<SeriesStats, "steps" | "over">;

/** Undefined where the log says nothing of what the model puts out. */
export function followed(run: Run, stats: Stats, example: number): Followed | undefined {
  const over = (column: Parameters<Stats["over"]>[1]) => stats.over(example, column);
  const probabilities = over(StatColumn.STAT_TARGET_PROBABILITY);
  if (probabilities.some(Number.isFinite)) {
    const [target = Number.NaN, ...others] = new Set(over(StatColumn.STAT_TARGET));
    const same = others.length === 0 ? target : Number.NaN;
    return { run, kind: "probability", target: same, steps: stats.steps, values: probabilities };
  }
  const values = over(StatColumn.STAT_PREDICTION);
  const areClasses = over(StatColumn.STAT_PREDICTION_PROBABILITY).some(Number.isFinite);
  return areClasses || !values.some(Number.isFinite)
    ? undefined
    : { run, kind: "value", target: Number.NaN, steps: stats.steps, values };
}

/** The first series of each run, in the order of the columns: the first of all is what examples are judged by. */
export function firstOfRuns(columns: readonly Column[]): Column[] {
  const found = new Map<string, Column>();
  for (const column of columns) {
    if (column.series !== undefined && !found.has(column.run.run)) {
      found.set(column.run.run, column);
    }
  }
  return [...found.values()];
}
