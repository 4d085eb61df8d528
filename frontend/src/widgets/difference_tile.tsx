import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { inputOf, modalityOf, type Section } from "#src/state/columns";
import type { Comparison } from "#src/state/comparison";
import type { Difference } from "#src/state/difference";
import { known } from "#src/state/loaded";
import { holds } from "#src/state/tile";
import { viewOf } from "#src/views/by_modality";
import type { Frame } from "#src/views/view";
import { type Condition, condition } from "#src/widgets/condition";
import { DifferenceCaption } from "#src/widgets/difference_caption";
import { differenceWording, NOISE } from "#src/widgets/difference_wording";
import { type Drawer, DrawnTile } from "#src/widgets/drawn_tile";
import { orderOf } from "#src/widgets/order_of";
import type { Page } from "#src/widgets/page";
import { lookOf, NO_SCALE, readsInput, subjectOf } from "#src/widgets/tile";

/** Where A and B are the same, nothing is drawn that could be taken for a difference. */
function noiseAt({ difference, noise }: Comparison): Float32Array {
  return noise.map((size, cell) => (difference[cell] === 0 ? 0 : size));
}

/** Why a difference says less than it seems. */
export function differenceCondition({ difference, noise, note }: Comparison): Condition | undefined {
  const plain = condition(difference, false, "difference");
  if (plain === undefined && difference.every((value, cell) => Math.abs(value) < noise[cell]!)) {
    return { words: "no difference beyond the noise of A and B", kind: "empty" };
  }
  return note === undefined ? plain : { words: note, kind: "partly" };
}

interface Props {
  readonly page: Page;
  readonly difference: Difference;
  readonly section: Section;
  readonly probe: ProbeBlob;
  readonly example: number;
}

/** B - A of one example. */
export function DifferenceTile({ page, difference, section, probe, example }: Props) {
  const { session } = page;
  const pair = difference.pair.value;
  const compared = useMemo(() => difference.of(example), [difference, example]);
  const held = useComputed(() => {
    const { a, b } = difference.pair.value ?? {};
    return [a, b].some((column) => column !== undefined && holds(column, session.shown.stepOf(column)));
  });
  if (pair === undefined) {
    return (
      <div class="tile missing">
        <p>B − A is refused; the column’s head says why.</p>
      </div>
    );
  }
  const input = inputOf(pair.a, session.asked.value.input);
  const start = (root: HTMLElement): Drawer => {
    const modality = modalityOf(pair.a, probe, input);
    const place = { hash: section.hash, example };
    const order = () => orderOf(page.barOrder, section, pair.a, modality)?.features;
    const grid = pair.a.series?.maps?.grids[input];
    const methodShape = grid?.methodShape ?? [];
    return {
      view: viewOf(modality).make(root, subjectOf(section, pair.a, probe, example, input)),
      room: () => ({ shape: grid?.shape ?? [], look: lookOf(page, place, NO_SCALE, false, order()) }),
      draw() {
        const now = compared.value;
        const scale = difference.scale.scale.value;
        if ("words" in now) {
          return { words: now.words, kind: now.failed ? "failed" : "busy" };
        }
        if (scale === undefined) {
          return { words: "loading the difference’s scale", kind: "busy" };
        }
        const state = differenceCondition(now);
        if (!scale.known && state?.kind !== "empty") {
          throw new Error("no colour scale: no difference was found in the steps it is made of");
        }
        const frame: Frame = {
          values: now.difference,
          shape: now.shape,
          methodShape,
          thumbnail: now.thumbnail,
          bound: (cell) => now.noise[cell] ?? Number.NaN,
          errors: { values: noiseAt(now), words: NOISE },
          groups: undefined,
          input: readsInput(probe, pair.a, input) ? known(session.askForInput(section, example, input)) : undefined,
          wording: differenceWording(now, difference.shares.value),
        };
        return { frame, look: lookOf(page, place, scale, false, order()), condition: state };
      },
    };
  };
  return (
    <DrawnTile
      page={page}
      name={`B − A of ${probe.names[example] ?? `example ${example}`}`}
      map={{ hash: section.hash, example, input, source: `${pair.b.key} − ${pair.a.key}` }}
      order={section.columns.length}
      held={held.value}
      start={start}
      of={[probe, difference]}
    >
      <DifferenceCaption session={session} pair={pair} compared={compared.value} probe={probe} example={example} />
    </DrawnTile>
  );
}
