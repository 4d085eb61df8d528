import type { MapSeries, Run, Scalars } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { nearestEarlier } from "#src/math/steps";

/** Tags of a run's ordinary scalars (docs/wire.md). */
export const ACCURACIES = {
  moving: "batchnorm/accuracy_moving",
  debiased: "batchnorm/accuracy_debiased",
} as const;

type Kind = keyof typeof ACCURACIES;

/** The probe's accuracy with either kind of BatchNormalization statistics, 0 .. 1. While they differ, moving ones lag. */
export interface Warmth extends Readonly<Record<Kind, number>> {
  /** Where it was measured: at or before the step asked for, as TensorBoard keeps a sample of long series. */
  readonly step: number;
}

export function logsWarmth(run: Run): boolean {
  return Object.values(ACCURACIES).every((tag) => run.scalars.includes(tag));
}

/** Undefined before the first step that has both accuracies. */
export function warmthAt(scalars: Readonly<Record<Kind, Scalars>>, step: number): Warmth | undefined {
  const { moving, debiased } = scalars;
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

export function isWarm({ moving, debiased }: Warmth): boolean {
  return moving === debiased;
}

/** The statistics that a series' maps were computed with; undefined where the log does not say. */
export function statisticsOf(maps: MapSeries): Kind | undefined {
  const value = maps.parameters.find(({ name }) => name === "batchnorm")?.value.replaceAll(/['"]/g, "");
  return value === "moving" || value === "debiased" ? value : undefined;
}
