import type { Run } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { nearestEarlier } from "#src/math/steps";
import type { Column } from "#src/state/columns";

/** The epoch a step of a run lies in, counted from 0; undefined where the run does not say. */
export function epochAt({ epochSteps, epochs }: Run, step: number): number | undefined {
  const at = nearestEarlier(epochSteps, step);
  // TensorBoard may have dropped the step's own: what lies between two equal ones is known all the same.
  return epochSteps[at] === step || epochs[at] === epochs[at + 1] ? epochs[at] : undefined;
}

/** The epoch that the columns with a map of this very step agree on; undefined where they do not, or do not say. */
export function agreedEpoch(columns: readonly Column[], step: number): number | undefined {
  const epochs = columns
    .filter(({ series }) => series?.steps[nearestEarlier(series.steps, step)] === step)
    .map(({ run }) => epochAt(run, step))
    .filter((epoch) => epoch !== undefined);
  return new Set(epochs).size === 1 ? epochs[0] : undefined;
}
