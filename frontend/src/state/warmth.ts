import type { MapSeries, Run, Scalars } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { nearestEarlier } from "#src/math/steps";

/** Tags of a run's ordinary scalars (docs/wire.md). */
export const ACCURACIES = {
  moving: "batchnorm/accuracy_moving",
  debiased: "batchnorm/accuracy_debiased",
} as const;

/** Instead of these where the probe has no labels. */
const AGREEMENT = "batchnorm/agreement";

type Kind = keyof typeof ACCURACIES;

/** The probe's accuracy with either kind of BatchNormalization statistics, 0 .. 1. While they differ, moving ones lag. */
type Accuracies = Readonly<Record<Kind, number>>;

/** The share of the probe that is predicted alike with both, 0 .. 1. */
interface Agreement {
  readonly agreement: number;
}

export type Warmth = (Accuracies | Agreement) & {
  /** Where it was measured: at or before the step asked for, as TensorBoard keeps a sample of long series. */
  readonly step: number;
};

/** The run's scalars that say whether its statistics are warm; none for a model without BatchNormalization. */
export function warmthTags(run: Run): readonly string[] {
  const accuracies = Object.values(ACCURACIES);
  if (accuracies.every((tag) => run.scalars.includes(tag))) {
    return accuracies;
  }
  return run.scalars.includes(AGREEMENT) ? [AGREEMENT] : [];
}

/**
 * What is known at a step; undefined before the first step that has all of it.
 *
 * @param scalars those of `warmthTags`, in its order.
 */
export function warmthAt(scalars: readonly Scalars[], step: number): Warmth | undefined {
  const [first, second] = scalars;
  if (first === undefined || second !== undefined) {
    return first && second && accuraciesAt(first, second, step);
  }
  const at = nearestEarlier(first.steps, step);
  const agreement = first.values[at] ?? Number.NaN;
  return Number.isFinite(agreement) ? { step: first.steps[at]!, agreement } : undefined;
}

function accuraciesAt(moving: Scalars, debiased: Scalars, step: number): Warmth | undefined {
  for (let at = nearestEarlier(moving.steps, step); at >= 0; at--) {
    const measured = moving.steps[at]!;
    const other = nearestEarlier(debiased.steps, measured);
    const accuracies = { moving: moving.values[at]!, debiased: debiased.values[other]! };
    if (debiased.steps[other] === measured && Object.values(accuracies).every(Number.isFinite)) {
      return { step: measured, ...accuracies };
    }
  }
  return undefined;
}

export function isWarm(warmth: Accuracies | Agreement): boolean {
  return "agreement" in warmth ? warmth.agreement === 1 : warmth.moving === warmth.debiased;
}

/** The statistics that a series' maps were computed with; undefined where the log does not say. */
export function statisticsOf(maps: MapSeries): Kind | undefined {
  const value = maps.parameters.find(({ name }) => name === "batchnorm")?.value.replaceAll(/['"]/g, "");
  return value === "moving" || value === "debiased" ? value : undefined;
}
