import { computed, effect, signal } from "@preact/signals";
import { ahead } from "#src/data/ahead";
import type { Index, ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { Latest } from "#src/data/latest";
import { type MapKey, MapStore } from "#src/data/map_store";
import { decodeInput, type InputValues } from "#src/data/probe";
import { type Server, words } from "#src/data/server";
import { WantedMaps } from "#src/data/wanted";
import { type Column, columnsOf, sections, shownRuns, stepIndex, stepsOf } from "#src/state/columns";
import { Fetches } from "#src/state/fetches";
import { known, LOADING, type Loaded, ready } from "#src/state/loaded";
import { Scales } from "#src/state/scales";
import { type Selection, setStep } from "#src/state/selection";
import { readStats, type SeriesStats } from "#src/state/series_stats";
import { keyOf, type TileMap, tileMap } from "#src/state/tile";

/** How long the thumb rests before maps at full resolution are fetched, ms. */
const REST = 150;
/** Steps in one request for what may come next. */
const BATCH = 8;

const NOTHING: Index["runs"] = [];

/** What is selected, what is known, and the fetches that follow from both. */
export class Session {
  readonly index = signal<Loaded<Index>>(LOADING);
  /** Why the last reload failed, while the page goes on with what it has. */
  readonly reloadFailure = signal("");
  readonly reloading = signal(false);
  readonly selection;
  /** Whether anybody can see the page; nothing is fetched while not. */
  readonly awake = signal(true);
  /** Examples on screen, by probe. */
  readonly visible = signal<ReadonlyMap<string, readonly number[]>>(new Map());

  readonly probes = new Fetches<ProbeBlob>();
  readonly stats = new Fetches<SeriesStats>();
  readonly inputs = new Fetches<InputValues>();

  readonly runs = computed(() => {
    const index = known(this.index.value);
    return index === undefined ? NOTHING : shownRuns(index, this.selection.value);
  });
  readonly sections = computed(() => {
    const index = known(this.index.value);
    return index === undefined ? [] : sections(index, this.selection.value);
  });
  readonly columns = computed(() => columnsOf(this.sections.value));
  readonly steps = computed(() => stepsOf(this.columns.value));
  readonly at = computed(() => stepIndex(this.steps.value, this.selection.value));
  /** The step on screen; NaN when there is none. */
  readonly step = computed(() => this.steps.value[this.at.value] ?? Number.NaN);
  /** Steps that came since a person set the one on screen. */
  readonly newSteps = computed(() =>
    this.selection.value.step === null ? 0 : this.steps.value.length - this.#seen.value,
  );
  readonly scales: Scales;

  readonly #seen = signal(0);
  readonly #server: Server;
  readonly #arrivals = signal(0);
  readonly #store: MapStore;
  readonly #scrub: WantedMaps;
  readonly #rest: WantedMaps;
  readonly #reload = new Latest();
  readonly #effects: (() => void)[];

  constructor(server: Server, selection: Selection) {
    this.#server = server;
    this.selection = signal(selection);
    this.#store = new MapStore(server, () => {
      this.#arrivals.value++;
    });
    this.#scrub = new WantedMaps(this.#store);
    this.#rest = new WantedMaps(this.#store);
    this.scales = new Scales(this);
    this.#effects = [
      effect(() => this.#askForNumbers()),
      effect(() => this.#askForMaps()),
      effect(() => this.#askForCells()),
      this.scales.follow(),
    ];
  }

  /** Goes to the step at an index of `steps`. */
  setStep(index: number): void {
    this.#seen.value = this.steps.peek().length;
    this.update((selection) => setStep(selection, this.steps.peek(), index));
  }

  update(change: (selection: Selection) => Selection): void {
    this.selection.value = change(this.selection.peek());
  }

  /** Asks the server what there is now. A step that a person set stays. */
  async reload(): Promise<void> {
    this.reloading.value = true;
    this.#store.retry();
    this.probes.retry();
    this.stats.retry();
    this.inputs.retry();
    try {
      const index = await this.#reload.run((abort) => this.#server.index(abort));
      if (index !== undefined) {
        const first = this.index.peek().state !== "ready";
        this.index.value = ready(index);
        if (first) {
          this.#seen.value = this.steps.peek().length;
        }
        this.reloadFailure.value = "";
        this.reloading.value = false;
      }
    } catch (error) {
      this.reloading.value = false;
      if (this.index.peek().state === "ready") {
        this.reloadFailure.value = words(error);
      } else {
        this.index.value = { state: "failed", words: words(error) };
      }
    }
  }

  statsOf(column: Column): Loaded<SeriesStats> {
    return this.stats.get(column.key);
  }

  /** What the tile of an example shows at the current step; reading it subscribes. */
  tile(column: Column, example: number): TileMap {
    this.#arrivals.value;
    const atlas = keyOf(column, this.step.value, 0);
    const own = keyOf(column, this.step.value, 1 + example);
    if (atlas === undefined || own === undefined) {
      return { words: `no map at or before step ${this.step.value}`, failed: false };
    }
    return tileMap(this.#store.get(atlas), this.#store.get(own), this.selection.value.input, example);
  }

  /** Every map of a step that has arrived; for what is decided over the whole probe. */
  atlas(column: Column, step: number): TileMap {
    this.#arrivals.value;
    const key = keyOf(column, step, 0);
    return tileMap(key && this.#store.get(key), undefined, this.selection.value.input, 0);
  }

  /** Starts fetching the values of an input that is no picture. */
  askForInput(run: string, hash: string, example: number): Loaded<InputValues> {
    const input = this.selection.value.input;
    const name = JSON.stringify([hash, example, input]);
    this.inputs.ask(name, "1", async (abort) =>
      decodeInput(await this.#server.input(run, hash, example, abort), input),
    );
    return this.inputs.get(name);
  }

  dispose(): void {
    for (const stop of this.#effects) {
      stop();
    }
    this.#scrub.stop();
    this.#rest.stop();
    this.#reload.cancel();
  }

  #askForNumbers(): void {
    if (!this.awake.value) {
      return;
    }
    for (const section of this.sections.value) {
      if (section.hash !== "") {
        this.probes.ask(section.hash, "1", (abort) => this.#server.probe(section.run, section.hash, abort));
      }
      for (const { key, run, tag, series } of section.columns) {
        if (series !== undefined) {
          const version = `${series.steps.length}/${series.wallTimes.at(-1)}`;
          this.stats.ask(key, version, async (abort) => readStats(await this.#server.stats(run.run, tag, abort)));
        }
      }
    }
  }

  #askForMaps(): void {
    if (!this.awake.value) {
      this.#scrub.stop();
      return;
    }
    const steps = this.steps.value;
    const columns = this.columns.value;
    const keys = (column: Column, at: readonly number[]) =>
      distinct(at.map((index) => keyOf(column, steps[index] ?? Number.NaN, 0)));
    const next = ahead(steps.length, this.at.value);
    const later: MapKey[][] = [];
    for (let from = 0; from < next.length; from += BATCH) {
      later.push(...columns.map((column) => keys(column, next.slice(from, from + BATCH))));
    }
    // Bars are sorted by the last step, once; see BarOrder.
    const last = columns.slice(0, 1).map((column) => keys(column, [steps.length - 1]));
    this.#scrub.want(
      columns.map((column) => keys(column, [this.at.value])),
      [...last, ...later],
    );
  }

  #askForCells(): (() => void) | undefined {
    const step = this.step.value;
    const sectionsNow = this.sections.value;
    const visible = this.visible.value;
    if (!this.awake.value) {
      return undefined;
    }
    this.#rest.stop();
    const arrived = () => {
      this.#arrivals.value; // thumbnails tell that there is more to fetch
      const wanted: MapKey[][] = [];
      for (const section of sectionsNow) {
        for (const column of section.columns) {
          const atlas = keyOf(column, step, 0);
          const element = atlas && this.#store.get(atlas);
          if (element !== undefined && "parts" in element && element.parts.some((part) => part.thumbnail)) {
            wanted.push(distinct((visible.get(section.hash) ?? []).map((example) => keyOf(column, step, 1 + example))));
          }
        }
      }
      this.#rest.want(wanted, []);
    };
    let stop: (() => void) | undefined;
    const timer = setTimeout(() => {
      stop = effect(arrived);
    }, REST);
    return () => {
      clearTimeout(timer);
      stop?.();
    };
  }
}

function distinct(keys: readonly (MapKey | undefined)[]): MapKey[] {
  return [
    ...new Map(keys.filter((key) => key !== undefined).map((key) => [`${key.step}/${key.element}`, key])).values(),
  ];
}
