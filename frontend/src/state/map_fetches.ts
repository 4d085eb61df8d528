import { effect, type ReadonlySignal } from "@preact/signals";
import { ahead } from "#src/data/ahead";
import type { MapKey, MapStore } from "#src/data/map_store";
import { WantedMaps } from "#src/data/wanted";
import { bySeries, type Column } from "#src/state/columns";
import type { Shown } from "#src/state/shown";
import { keyOf } from "#src/state/tile";

/** How long the thumb rests before maps at full resolution are fetched, ms. */
const REST = 150;
/** Steps in one request for what may come next. */
const BATCH = 8;

/** What somebody looks at. */
interface Attention {
  readonly awake: ReadonlySignal<boolean>;
  /** Examples on screen, by probe. */
  readonly visible: ReadonlySignal<ReadonlyMap<string, readonly number[]>>;
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
    effect(() => askForSteps(shown, attention, scrub)),
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

function askForSteps(shown: Shown, attention: Attention, scrub: WantedMaps): void {
  if (!attention.awake.value) {
    scrub.stop();
    return;
  }
  const steps = shown.steps.value;
  const columns = shown.columns.value;
  const keys = (column: Column, at: readonly number[]) =>
    distinct(at.map((index) => keyOf(column, steps[index] ?? Number.NaN, 0)));
  const next = ahead(steps.length, shown.at.value);
  const following = columns.filter((column) => column.step === undefined);
  const later: MapKey[][] = [];
  for (let from = 0; from < next.length; from += BATCH) {
    later.push(...following.map((column) => keys(column, next.slice(from, from + BATCH))));
  }
  // Bars are sorted by the last step, once; see BarOrder.
  const last = columns.slice(0, 1).map((column) => keys(column, [steps.length - 1]));
  const now = bySeries(columns).map((strip) => distinct(strip.map((column) => keyOf(column, shown.stepOf(column), 0))));
  scrub.want(now, [...last, ...later]);
}

function askForCells(
  shown: Shown,
  attention: Attention,
  store: MapStore,
  rest: WantedMaps,
  arrivals: ReadonlySignal<number>,
): (() => void) | undefined {
  const step = shown.step.value;
  const sections = shown.sections.value;
  const visible = attention.visible.value;
  rest.stop();
  if (!attention.awake.value) {
    return undefined;
  }
  const ask = () => {
    arrivals.value; // thumbnails tell that there is more to fetch
    const wanted: MapKey[][] = [];
    for (const section of sections) {
      const examples = visible.get(section.hash) ?? [];
      for (const strip of bySeries(section.columns)) {
        const coarse = strip.filter((column) => hasThumbnails(store, keyOf(column, column.step ?? step, 0)));
        const own = (column: Column) => examples.map((example) => keyOf(column, column.step ?? step, 1 + example));
        wanted.push(distinct(coarse.flatMap(own)));
      }
    }
    rest.want(wanted, []);
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
  return [
    ...new Map(keys.filter((key) => key !== undefined).map((key) => [`${key.step}/${key.element}`, key])).values(),
  ];
}
