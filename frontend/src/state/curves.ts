import type { Run, Scalars } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { nearestEarlier } from "#src/math/steps";
import { type SeriesStats, StatColumn } from "#src/state/series_stats";
import { ACCURACIES } from "#src/state/warmth";

/** A line of each run: an ordinary scalar, or what the page computes. */
export interface Line {
  /** The scalar's tag; "" for the mean of p(target). */
  readonly tag: string;
  readonly name: string;
}

/** What the strip can show at a time. */
export interface Choice {
  /** Its name in a link. */
  readonly id: string;
  readonly group: string;
  readonly name: string;
  /** The first is drawn solid, a second dashed. */
  readonly lines: readonly Line[];
}

const MEAN: Choice = {
  id: "p",
  group: "probe",
  name: "mean p(target)",
  lines: [{ tag: "", name: "mean p(target)" }],
};

const VALIDATION = /^fit\/val_/;

function fitChoices(tags: ReadonlySet<string>): Choice[] {
  const own = [...tags].filter((tag) => tag.startsWith("fit/"));
  const keys = new Set(own.map((tag) => tag.replace(VALIDATION, "fit/")));
  const sorted = [...keys].sort((a, b) => Number(b === "fit/loss") - Number(a === "fit/loss") || (a < b ? -1 : 1));
  return sorted.map((id) => {
    const name = id.slice("fit/".length);
    const both = [id, `fit/val_${name}`].filter((tag) => tags.has(tag));
    return { id, group: "fit", name, lines: both.map((tag) => ({ tag, name: tag.slice("fit/".length) })) };
  });
}

/** What can be shown of these runs: fit's own logs, shares inside regions, BatchNormalization's accuracies, p(target). */
export function choices(runs: readonly Run[]): Choice[] {
  const tags = new Set(runs.flatMap((run) => run.scalars));
  const alone = (group: string) => (tag: string) => {
    const name = tag.slice(tag.indexOf("/") + 1);
    return { id: tag, group, name, lines: [{ tag, name }] };
  };
  const accuracies = Object.entries(ACCURACIES).filter(([, tag]) => tags.has(tag));
  const warmth: Choice[] =
    accuracies.length === 0
      ? []
      : [
          {
            id: "batchnorm/accuracy",
            group: "BatchNorm",
            name: "accuracy on the probe",
            lines: accuracies.map(([name, tag]) => ({ tag, name })),
          },
        ];
  const ordered = [...tags].sort();
  return [
    ...fitChoices(tags),
    ...ordered.filter((tag) => tag.startsWith("region/")).map(alone("share in a region")),
    ...warmth,
    ...ordered.filter((tag) => tag === "batchnorm/agreement").map(alone("BatchNorm")),
    MEAN,
  ];
}

/** The choice of this name; else the first there is. */
export function chosen(all: readonly Choice[], id: string | null): Choice {
  return all.find((choice) => choice.id === id) ?? all[0] ?? MEAN;
}

/** Values by step, each step once, ascending. */
export interface Curve {
  readonly run: Run;
  readonly line: Line;
  readonly dashed: boolean;
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** A log may hold a step twice, or out of order; of one step the last value counts. */
export function ascending({ steps, values }: Pick<Scalars, "steps" | "values">): Pick<Curve, "steps" | "values"> {
  const byStep = new Map(steps.map((step, at) => [step, values[at] ?? Number.NaN]));
  const sorted = [...byStep].sort(([a], [b]) => a - b);
  return { steps: sorted.map(([step]) => step), values: sorted.map(([, value]) => value) };
}

/** p(target) by step, the mean of the examples that have one; NaN where none has. */
export function meanProbability({ steps, over }: Pick<SeriesStats, "steps" | "over">, examples: number) {
  const sums = steps.map(() => 0);
  const counts = steps.map(() => 0);
  for (let example = 0; example < examples; example++) {
    over(example, StatColumn.STAT_TARGET_PROBABILITY).forEach((p, at) => {
      if (Number.isFinite(p)) {
        sums[at]! += p;
        counts[at]!++;
      }
    });
  }
  return { steps, values: sums.map((sum, at) => sum / counts[at]!) };
}

/** The last value that is not after a step, and where it is; undefined before the first. */
export function valueAt({ steps, values }: Curve, step: number): { step: number; value: number } | undefined {
  const at = nearestEarlier(steps, step);
  return at < 0 ? undefined : { step: steps[at]!, value: values[at]! };
}
