import { Modality, type ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { inputOf, type Kinds, modalityOf, type Section } from "#src/state/columns";
import { isSigned } from "#src/state/scale";
import type { Selection } from "#src/state/selection";
import { viewOf } from "#src/views/by_modality";

type Probe = Kinds & Pick<ProbeBlob, "inputsStored">;
/** Choices that change nothing of some maps. "opacity" goes with "overlay". */
type Choice = "overlay" | "cells" | "relu" | "diverging" | "sequential" | "gamma" | "tile";

/**
 * Choices that change something of what is on screen.
 *
 * @param probeOf undefined while it is on its way: what nobody knows yet is not offered.
 */
export function effective(
  sections: readonly Section[],
  probeOf: (hash: string) => Probe | undefined,
  { input, relu }: Pick<Selection, "input" | "relu">,
): Set<Choice> {
  const found = new Set<Choice>();
  for (const { hash, columns } of sections) {
    const probe = probeOf(hash);
    for (const column of probe === undefined ? [] : columns) {
      const { series } = column;
      const at = inputOf(column, input);
      const kind = modalityOf(column, probe, at);
      const drawn = kind === Modality.IMAGE;
      const stored = probe?.modality === Modality.IMAGE && probe.inputsStored;
      const changes: Record<Choice, boolean | undefined> = {
        cells: drawn,
        overlay: drawn && stored && at === probe.shown,
        tile: drawn || stored, // an input is as large as its maps
        gamma: !viewOf(kind).sorted, // colours of bars say no more than the sign
        diverging: series?.maps && isSigned(series.maps, relu),
        sequential: series?.maps && !isSigned(series.maps, relu),
        relu: series?.maps?.cam,
      };
      for (const choice of Object.keys(changes) as Choice[]) {
        changes[choice] && series !== undefined && found.add(choice);
      }
    }
  }
  return found;
}
