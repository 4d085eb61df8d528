import { computed, effect, signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { ErrorKind, Modality, type ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { hasSegments } from "#src/data/segments";
import { inputAddress } from "#src/data/server";
import { type Column, inputOf, modalityOf, type Section } from "#src/state/columns";
import { known } from "#src/state/loaded";
import type { MapScale } from "#src/state/scale";
import { holds, isSameTile } from "#src/state/tile";
import { viewOf } from "#src/views/by_modality";
import type { Look, Subject } from "#src/views/view";
import { Caption, errorName } from "#src/widgets/caption";
import { type Condition, condition } from "#src/widgets/condition";
import { frames, type Kind, stable } from "#src/widgets/frames";
import type { Page } from "#src/widgets/page";
import { readable } from "#src/widgets/reading";

/** What an example is, for the views. */
export function subjectOf(section: Section, probe: ProbeBlob, example: number, input: number): Subject {
  const image = probe.modality === Modality.IMAGE;
  return {
    picture: image && probe.inputsStored ? inputAddress(section.run, section.hash, example) : undefined,
    inputShape: probe.inputs[input]?.shape ?? [],
    tokens: probe.tokens[example]?.tokens ?? [],
    featureNames: probe.featureNames,
  };
}

/** Modalities whose inputs are shown as numbers next to the scores. */
function readsInput(probe: ProbeBlob): boolean {
  return probe.inputsStored && probe.modality !== Modality.IMAGE && probe.modality !== Modality.TEXT;
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

function lookOf(page: Page, section: Section, column: Column, scale: MapScale | undefined, example: number) {
  const { session } = page;
  const maps = column.series?.maps;
  if (maps === undefined || scale === undefined) {
    return undefined;
  }
  const { relu, cells, overlay, opacity, tile, diverging, sequential } = session.selection.value;
  const look: Look = {
    scale,
    sum: scale.sum,
    colours: scale.signed ? diverging : sequential,
    relu: maps.cam && relu,
    cells,
    overlay,
    opacity,
    peek: page.peek.value,
    tile,
    window: page.zooms.of({ hash: section.hash, example }).value,
    dark: page.dark.value,
    order: page.barOrder.of(section)?.features,
  };
  return look;
}

/** One example under one method of one run. A tile that fails says so and leaves the others alone. */
export function Tile({ page, section, column, probe, example }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const message = useSignal<{ words: string; kind: "busy" | "failed" | Condition["kind"] } | undefined>(undefined);
  const read = useSignal<{ value: string; high: boolean } | undefined>(undefined);
  const { session } = page;
  const input = inputOf(column, session.selection.value.input);
  // A reload brings new objects for the same series: the view stays and is told.
  const current = useSignal(column);
  useLayoutEffect(() => {
    current.value = column;
  }, [column]);
  const held = useComputed(() => holds(current.value, session.shown.stepOf(current.value)));
  const missing = column.series === undefined;
  const order = section.columns.indexOf(column);
  useEffect(() => {
    const root = host.current;
    if (root === null || missing) {
      return undefined;
    }
    const modality = modalityOf(column, probe.modality, input);
    const view = viewOf(modality).make(root, subjectOf(section, probe, example, input));
    const frameOf = frames(example);
    // Maps of other steps arrive all the time; they do not draw this one again.
    const tile = stable(() => session.tile(current.value, example), isSameTile);
    const drawn = signal(0);
    const scale = computed(() => session.scales.of(current.value, example));
    const stop = effect(() => {
      const shown = tile.value;
      const look = lookOf(page, section, current.value, scale.value, example);
      if (!("map" in shown)) {
        message.value = { words: shown.words, kind: shown.failed ? "failed" : "busy" };
        return;
      }
      if (look === undefined) {
        message.value = { words: "loading the colour scale", kind: "busy" };
        return;
      }
      const values = readsInput(probe) ? known(session.askForInput(section, example, input)) : undefined;
      const grouped = shown.segments !== undefined && hasSegments(probe, input, modality);
      const segments = grouped ? page.segments.ask(probe, input) : undefined;
      if (segments?.state === "loading") {
        message.value = { words: "loading the segments", kind: "busy" };
        return;
      }
      try {
        if (segments?.state === "failed") {
          throw new Error(`the segments cannot be drawn: ${segments.words}`);
        }
        const companions = { input: values, segments: segments?.value };
        const frame = frameOf(shown, kindOf(current.value, input), companions);
        const state = condition(frame.values, look.relu);
        if (scale.value?.known === false && state?.kind !== "empty") {
          throw new Error("no colour scale: the numbers it is made of were not logged");
        }
        view.update(frame, look);
        drawn.value = drawn.peek() + 1;
        message.value = shown.note === undefined ? state : { words: shown.note, kind: "partly" };
      } catch (error) {
        message.value = { words: (error as Error).message, kind: "failed" };
      }
    });
    const map = { hash: section.hash, example, input, source: column.key };
    const forget = page.reader.add({ ...map, order, step: view.step });
    const stopReading = readable(page, map, root, view, drawn, (value, high) => {
      if (read.peek()?.value !== value || read.peek()?.high !== high) {
        read.value = value === undefined ? undefined : { value, high };
      }
    });
    return () => {
      stop();
      stopReading();
      forget();
      view.dispose();
    };
  }, [column.key, missing, section.hash, example, probe, input, order]);
  if (missing) {
    const others = listed(column.run.series.map((series) => series.maps?.tag ?? ""));
    return (
      <div class="tile missing">
        <p>
          <bdi>{column.tag}</bdi> was not logged in this run. It has: <bdi>{others || "no maps"}</bdi>.
        </p>
      </div>
    );
  }
  const kind = message.value?.kind;
  return (
    <div class={`tile ${kind ?? ""} ${held.value ? "held" : ""}`}>
      <div class="stage">
        <div
          ref={host}
          class="view"
          role="img"
          aria-label={tileName(column, probe.names[example] ?? `example ${example}`)}
        />
        {read.value === undefined ? null : (
          <p class={read.value.high ? "spot-value low" : "spot-value"}>{read.value.value}</p>
        )}
        {message.value === undefined ? null : <p class="tile-words">{message.value.words}</p>}
      </div>
      <Caption session={session} column={column} probe={probe} example={example} />
    </div>
  );
}
