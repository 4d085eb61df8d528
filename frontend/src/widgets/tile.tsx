import { computed, useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { ErrorKind, Modality, type ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { hasSegments } from "#src/data/segments";
import { inputAddress } from "#src/data/server";
import { remembered } from "#src/math/remembered";
import { type Column, hasUnits, inputOf, modalityOf, type Section } from "#src/state/columns";
import type { Place } from "#src/state/current";
import { known } from "#src/state/loaded";
import type { MapScale } from "#src/state/scale";
import { stable } from "#src/state/stable";
import { holds, isSameTile } from "#src/state/tile";
import { viewOf } from "#src/views/by_modality";
import type { Look, Subject } from "#src/views/view";
import { Caption, errorName } from "#src/widgets/caption";
import { type Condition, condition } from "#src/widgets/condition";
import { type Drawer, DrawnTile } from "#src/widgets/drawn_tile";
import { frames, type Kind } from "#src/widgets/frames";
import { orderOf } from "#src/widgets/order_of";
import type { Page } from "#src/widgets/page";
import { useSelected } from "#src/widgets/selected";

/** What an example is, for the views. Pictures, tokens and names are those of one input. */
export function subjectOf(section: Section, column: Column, probe: ProbeBlob, example: number, input: number): Subject {
  const units = hasUnits(column);
  const shown = input === probe.shown;
  const image = probe.modality === Modality.IMAGE;
  return {
    picture: shown && image && probe.inputsStored ? inputAddress(section.run, section.hash, example) : undefined,
    inputShape: probe.inputs[input]?.shape ?? [],
    tokens: shown ? (probe.tokens[example]?.tokens ?? []) : [],
    featureNames: shown && !units ? probe.featureNames : [],
    row: units ? "unit" : "feature",
  };
}

/** Whether numbers of an input stand next to its scores. Of a probe of images, its pictures alone are stored. */
export function readsInput(probe: ProbeBlob, column: Column, input: number): boolean {
  const kind = modalityOf(column, probe, input);
  const numbers = kind !== Modality.IMAGE && kind !== Modality.TEXT && probe.modality !== Modality.IMAGE;
  return probe.inputsStored && numbers && !hasUnits(column);
}

/** Names in a sentence of bearable length. */
const NAMES = 12;

export function listed(names: readonly string[]): string {
  const more = names.length - NAMES;
  return names.slice(0, NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function tileName(column: Column, example: string): string {
  const step = column.step === undefined ? "" : ` at step ${column.step}`;
  return `${column.tag} of ${example} in ${column.run.run}${step}`;
}

interface Props {
  readonly page: Page;
  readonly section: Section;
  readonly column: Column;
  readonly probe: ProbeBlob;
  readonly example: number;
}

/** What the maps of a column are. */
function kindOf(column: Column, input: number): Kind {
  const maps = column.series?.maps;
  return {
    methodShape: maps?.grids[input]?.methodShape ?? [],
    errorWords: errorName(maps?.errorKind ?? ErrorKind.ERROR_NONE) || "error",
  };
}

/** Of maps that are on their way. */
export const NO_SCALE: MapScale = { vmax: 1, signed: true, gamma: 1, known: false, sum: undefined };

/** How the maps of an example are drawn now, on a scale. */
export function lookOf(
  page: Page,
  place: Place,
  scale: MapScale,
  relu: boolean,
  order: readonly number[] | undefined,
): Look {
  const { cells, overlay, tile, diverging, sequential } = page.looks.value;
  return {
    scale,
    sum: scale.sum,
    colours: scale.signed ? diverging : sequential,
    relu,
    cells,
    overlay,
    peek: page.peek.value,
    tile,
    window: page.zooms.of(place).value,
    dark: page.dark.value,
    order,
  };
}

/** One example under one method of one run. */
export function Tile({ page, section, column, probe, example }: Props) {
  const { session } = page;
  const input = inputOf(column, useSelected(session, "input").input);
  // A reload brings new objects for the same series: the view stays and is told.
  const current = useSignal(column);
  useLayoutEffect(() => {
    current.value = column;
  }, [column]);
  const held = useComputed(() => holds(current.value, session.shown.stepOf(current.value)));
  const modality = modalityOf(column, probe, input);
  const start = (root: HTMLElement): Drawer => {
    const subject = subjectOf(section, column, probe, example, input);
    const frameOf = frames(example);
    // Maps of other steps arrive all the time; they do not draw this one again.
    const tile = stable(() => session.tile(current.value, example), isSameTile);
    const scale = computed(() => session.scales.of(current.value, example));
    const place = { hash: section.hash, example };
    const order = () => orderOf(page.barOrder, section, column, modality)?.features;
    const conditionOf = remembered<Condition | undefined>();
    return {
      view: viewOf(modality).make(root, subject),
      room: () => ({
        shape: column.series?.maps?.grids[input]?.shape ?? [],
        look: lookOf(page, place, NO_SCALE, false, order()),
      }),
      draw() {
        const shown = tile.value;
        if (!("map" in shown)) {
          return { words: shown.words, kind: shown.failed ? "failed" : "busy" };
        }
        if (scale.value === undefined) {
          return { words: "loading the colour scale", kind: "busy" };
        }
        const relu = (current.value.series?.maps?.cam ?? false) && page.looks.value.relu;
        const values = readsInput(probe, column, input)
          ? known(session.askForInput(section, example, input))
          : undefined;
        const grouped = shown.segments !== undefined && hasSegments(probe, input, modality);
        const segments = grouped ? page.segments.ask(probe, input) : undefined;
        if (segments?.state === "loading") {
          return { words: "loading the segments", kind: "busy" };
        }
        if (segments?.state === "failed") {
          throw new Error(`the segments cannot be drawn: ${segments.words}`);
        }
        const companions = { input: values, segments: segments?.value };
        const frame = frameOf(shown, kindOf(current.value, input), companions);
        const state = conditionOf([frame, relu], () => condition(frame.values, relu));
        if (!scale.value.known && state?.kind !== "empty") {
          throw new Error("no colour scale: the numbers it is made of were not logged");
        }
        const look = lookOf(page, place, scale.value, relu, order());
        return { frame, look, condition: shown.note === undefined ? state : { words: shown.note, kind: "partly" } };
      },
    };
  };
  if (column.series === undefined) {
    const others = listed(column.run.series.map((series) => series.maps?.tag ?? ""));
    return (
      <div class="tile missing">
        <p>
          <bdi>{column.tag}</bdi> was not logged in this run. It has: <bdi>{others || "no maps"}</bdi>.
        </p>
      </div>
    );
  }
  return (
    <DrawnTile
      page={page}
      name={tileName(column, probe.names[example] ?? `example ${example}`)}
      map={{ hash: section.hash, example, input, source: column.key }}
      order={section.columns.indexOf(column)}
      held={held.value}
      start={start}
      of={[probe]}
    >
      <Caption session={session} column={column} probe={probe} example={example} />
    </DrawnTile>
  );
}
