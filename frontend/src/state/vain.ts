import type { Index } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { type Column, shownRuns, stepIndex, stepsOf } from "#src/state/columns";
import type { Asked } from "#src/state/parts";
import { columnAt } from "#src/state/sides";
import { methods, shownTarget } from "#src/state/tags";

/** What was asked for, mostly by a link, and is not there; a sentence for each. The page shows something else instead. */
export function askedInVain(index: Index, columns: readonly Column[], selection: Asked): string[] {
  const present = new Set(index.runs.map((run) => run.run));
  const lines = (selection.runs ?? [])
    .filter((run) => !present.has(run))
    .map((run) => `There is no run ${run} with attributions in this log directory.`);
  const runs = shownRuns(index, selection);
  if (runs.length === 0) {
    return lines; // the page says that there is none
  }
  const known = methods(runs);
  const absent = (selection.methods ?? []).filter((method) => !known.includes(method));
  lines.push(...absent.map((method) => `No run on screen has the method ${method}; there is ${known.join(", ")}.`));
  const target = shownTarget(runs, selection);
  if (selection.target !== null && selection.target !== target) {
    lines.push(`No run on screen has the target ${selection.target}; the page shows ${target || "label"}.`);
  }
  const steps = stepsOf(columns);
  const step = steps[stepIndex(steps, selection)];
  if (selection.step !== null && step !== undefined && step !== selection.step) {
    lines.push(`No run on screen has a map of step ${selection.step}; the page shows step ${step}.`);
  }
  for (const [name, side] of Object.entries(selection.difference ?? {})) {
    if (columnAt(runs, selection, side) === undefined) {
      lines.push(`${name.toUpperCase()} of the difference is not on screen: ${side.method} of run ${side.run}.`);
    }
  }
  const grids = Math.max(0, ...columns.map((column) => column.series?.maps?.grids.length ?? 0));
  if (selection.input !== null && selection.input >= grids && grids > 0) {
    lines.push(`There is no input ${selection.input}; the model has ${grids}, counted from 0.`);
  }
  const hashes = new Set(
    index.runs.flatMap((run) => [...run.probeHashes, ...run.series.map((one) => one.maps?.probeHash)]),
  );
  const lost = Object.keys(selection.pins).filter((hash) => !hashes.has(hash));
  lines.push(...lost.map((hash) => `No run of this log directory has the probe ${hash} that has pinned examples.`));
  return lines;
}
