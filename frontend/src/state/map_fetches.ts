import { effect, type ReadonlySignal } from "@preact/signals";
import { ahead } from "#src/data/ahead";
import { bySeries, type MapKey, type MapStore } from "#src/data/map_store";
import { portions } from "#src/data/portions";
import { WantedMaps } from "#src/data/wanted";
import { barsOf } from "#src/state/bar_order";
import { type Column, hashOf } from "#src/state/columns";
import type { Loaded } from "#src/state/loaded";
import type { Shown } from "#src/state/shown";
import { keyOf } from "#src/state/tile";

/** How long the thumb rests before maps at full resolution are fetched, ms. */
const REST = 150;
/** Elements asked for ahead at a time: one request for each step that the thumb moves, as many steps as fit. */
const AHEAD_MOST = 256;
/** Characters of a step or an element in an address, with its comma. */
const DIGITS = 12;

/** What somebody looks at. */
interface Attention {
  readonly awake: ReadonlySignal<boolean>;
  /** Examples on screen, by probe. */
  readonly visible: ReadonlySignal<ReadonlyMap<string, readonly number[]>>;
  /** The chosen one of the model's inputs. */
  readonly input: ReadonlySignal<number | null>;
  histogramOf(column: Column): Loaded<unknown>;
}

/**
 * Keeps the store filled with what is shown: the step on screen first, those around it after that,
 * and the stored cells of the visible examples when the thumb rests. Returns what stops it.
 */
export function fetchMaps(
  shown: Shown,
  attention: Attention,
  store: MapStore,
  arrivals: ReadonlySignal<number>,
): () => void {
  const scrub = new WantedMaps(store);
  const rest = new WantedMaps(store);
  const stops = [
    effect(() => askForSteps(shown, attention, store, scrub)),
    effect(() => askForCells(shown, attention, store, rest, arrivals)),
    () => scrub.stop(),
    () => rest.stop(),
  ];
  return () => {
    for (const stop of stops) {
      stop();
    }
  };
}

function askForSteps(shown: Shown, attention: Attention, store: MapStore, scrub: WantedMaps): void {
  if (!attention.awake.value) {
    scrub.stop();
    return;
  }
  const steps = shown.steps.value;
  const columns = shown.drawn.value;
  const atlas = (column: Column, at: number) => keyOf(column, steps[at] ?? Number.NaN, 0);
  const following = columns.filter((column) => column.step === undefined);
  // What is on screen waits for its colours: until they are here, hardly anything else is asked for.
  const drawn = shown.columns.value.filter((column) => column.series !== undefined);
  // Bars are sorted by the last step, once; see BarOrder.
  const last = withOwnBars(drawn, attention.input.value).map((column) => atlas(column, steps.length - 1));
  const coloured = drawn.every((column) => attention.histogramOf(column).state !== "loading");
  const around = ahead(steps.length, shown.at.value).flatMap((at) => following.map((column) => atlas(column, at)));
  const later = distinct([...last, ...(coloured ? around : [])]).filter((key) => !store.has(key));
  const now = distinct(columns.map((column) => keyOf(column, shown.stepOf(column), 0)));
  scrub.want(requests(now), requests(later.slice(0, AHEAD_MOST)));
}

/** The first column of each kind of bars. */
function withOwnBars(columns: readonly Column[], input: number | null): Column[] {
  const found = new Map<string, Column>();
  for (const column of columns) {
    const bars = JSON.stringify([hashOf(column), barsOf(column, input)]);
    found.set(bars, found.get(bars) ?? column);
  }
  return [...found.values()];
}

/** As few requests as these keys fit into. */
export function requests(keys: readonly MapKey[]): MapKey[][] {
  const series = bySeries(keys).map((of) => ({ run: of[0]!.run, tag: of[0]!.tag, of }));
  return portions(series, ({ of }) => DIGITS * of.length).map((portion) => portion.flatMap(({ of }) => of));
}

function askForCells(
  shown: Shown,
  attention: Attention,
  store: MapStore,
  rest: WantedMaps,
  arrivals: ReadonlySignal<number>,
): (() => void) | undefined {
  const step = shown.step.value;
  const columns = shown.drawn.value;
  const visible = attention.visible.value;
  rest.stop();
  if (!attention.awake.value) {
    return undefined;
  }
  const ask = () => {
    arrivals.value; // thumbnails tell that there is more to fetch
    const wanted: (MapKey | undefined)[] = [];
    for (const column of columns) {
      const shownAt = column.step ?? step;
      if (hasThumbnails(store, keyOf(column, shownAt, 0))) {
        const examples = visible.get(hashOf(column)) ?? [];
        wanted.push(...examples.map((example) => keyOf(column, shownAt, 1 + example)));
      }
    }
    rest.want(requests(distinct(wanted)), []);
  };
  let stop: (() => void) | undefined;
  const timer = setTimeout(() => {
    stop = effect(ask);
  }, REST);
  return () => {
    clearTimeout(timer);
    stop?.();
  };
}

function hasThumbnails(store: MapStore, atlas: MapKey | undefined): boolean {
  const element = atlas && store.get(atlas);
  return element !== undefined && "parts" in element && element.parts.some((part) => part.thumbnail);
}

function distinct(keys: readonly (MapKey | undefined)[]): MapKey[] {
  const named = keys
    .filter((key) => key !== undefined)
    .map((key) => [JSON.stringify([key.run, key.tag, key.step, key.element]), key] as const);
  return [...new Map(named).values()];
}
