import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Index, ProbeBlob, Run, Scalars } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { Latest } from "#src/data/latest";
import { MapStore } from "#src/data/map_store";
import { decodeInput, type InputValues } from "#src/data/probe";
import { type Server, words } from "#src/data/server";
import type { LogHistogram } from "#src/math/histogram";
import { type Column, inputOf, type Section } from "#src/state/columns";
import { Fetches } from "#src/state/fetches";
import { FreshSteps } from "#src/state/fresh_steps";
import { LOADING, type Loaded, ready } from "#src/state/loaded";
import { fetchMaps } from "#src/state/map_fetches";
import { Numbers } from "#src/state/numbers";
import { ASKED, type Asked, partsOf } from "#src/state/parts";
import { Scales } from "#src/state/scales";
import { type Selection, setStep } from "#src/state/selection";
import type { SeriesStats } from "#src/state/series_stats";
import { Shown } from "#src/state/shown";
import { keyOf, type TileMap, tileMap } from "#src/state/tile";
import { warmthTags } from "#src/state/warmth";

/** What is selected, what is known, and the fetches that follow from both. */
export class Session {
  readonly index = signal<Loaded<Index>>(LOADING);
  /** Why the last reload failed, while the page goes on with what it has. */
  readonly reloadFailure = signal("");
  readonly reloading = signal(false);
  /** Whether the server answered when it was last asked for anything. */
  readonly reached = signal(true);
  readonly selection;
  /** The selection but for colours, whose controls are dragged: whoever reads this is left alone meanwhile. */
  readonly asked: ReadonlySignal<Asked>;
  /** The chosen one of the model's inputs. */
  readonly input = computed(() => this.selection.value.input);
  /** Whether anybody can see the page; nothing is fetched while not. */
  readonly awake = signal(false);
  /** Examples on screen, by probe. */
  readonly visible = signal<ReadonlyMap<string, readonly number[]>>(new Map());

  readonly probes = new Fetches<ProbeBlob>();
  readonly inputs = new Fetches<InputValues>();

  /** Maps that have arrived. */
  readonly store: MapStore;
  readonly shown: Shown;
  readonly scales: Scales;
  readonly fresh: FreshSteps;
  /** Whether every map of the step on screen is here, or why it is not. */
  readonly arrived = computed(() => {
    this.#arrivals.value;
    const keys = this.shown.drawn.value.map((column) => keyOf(column, this.shown.stepOf(column), 0));
    return keys.every((key) => key === undefined || this.store.has(key));
  });

  #reloads = 0;
  readonly #server: Server;
  readonly #numbers: Numbers;
  readonly #arrivals = signal(0);
  readonly #reload = new Latest();
  readonly #effects: (() => void)[];

  constructor(server: Server, selection: Selection) {
    this.#server = server;
    this.selection = signal(selection);
    this.asked = partsOf(this.selection, ASKED);
    this.#numbers = new Numbers(server);
    this.store = new MapStore(server, () => {
      this.#arrivals.value++;
    });
    this.shown = new Shown(this.index, this.selection);
    this.scales = new Scales(this);
    this.fresh = new FreshSteps(this.shown.steps);
    this.#effects = [
      effect(() => this.#askForNumbers()),
      fetchMaps(this.shown, this, this.store, this.#arrivals),
      this.scales.follow(),
    ];
  }

  /** Goes to the step at an index of `steps`. */
  setStep(index: number): void {
    this.update((selection) => setStep(selection, this.shown.steps.peek(), index));
  }

  update(change: (selection: Selection) => Selection): void {
    this.selection.value = change(this.selection.peek());
    if (this.selection.peek().step === null) {
      this.fresh.clear(); // who follows the latest has seen all
    }
  }

  /** Asks the server what there is now. A step that a person set stays. */
  async reload(): Promise<void> {
    this.reloading.value = true;
    this.store.retry();
    this.probes.retry();
    this.inputs.retry();
    this.#numbers.retry();
    try {
      const index = await this.#reload.run((abort) => this.#server.index(abort));
      if (index !== undefined) {
        this.#reloads++;
        const follows = this.index.peek().state !== "ready" || this.selection.peek().step === null;
        this.fresh.during(() => {
          this.index.value = ready(index);
        });
        if (follows) {
          this.fresh.clear();
        }
        this.reloadFailure.value = "";
        this.reached.value = true;
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
    return this.#numbers.statsOf(column);
  }

  histogramOf(column: Column): Loaded<LogHistogram> {
    return this.#numbers.histogramOf(column);
  }

  /** One of a run's ordinary scalars, of those that the page asks for. */
  scalarsOf(run: Run, tag: string): Loaded<Scalars> {
    return this.#numbers.scalarsOf(run, tag);
  }

  /** Starts fetching ordinary scalars of a run, once after each reload. */
  askForScalars(run: Run, tags: readonly string[]): void {
    // Written apart from the maps: the index does not tell whether there are more of them.
    this.#numbers.askForScalars(run, tags, String(this.#reloads));
  }

  /** What the tile of an example shows at the current step; reading it subscribes. */
  tile(column: Column, example: number): TileMap {
    this.#arrivals.value;
    const step = this.shown.stepOf(column);
    const atlas = keyOf(column, step, 0);
    const own = keyOf(column, step, 1 + example);
    if (atlas === undefined || own === undefined) {
      return { words: `no map at or before step ${step}`, failed: false };
    }
    return tileMap(this.store.get(atlas), this.store.get(own), inputOf(column, this.input.value), example);
  }

  /** An example in what a step stores of all of them, which may be thumbnails; for what is decided over the whole probe. */
  atlas(column: Column, step: number, example = 0): TileMap {
    this.#arrivals.value;
    const key = keyOf(column, step, 0);
    return tileMap(key && this.store.get(key), undefined, inputOf(column, this.input.value), example);
  }

  /** Starts fetching the values of an input that is no picture. */
  askForInput({ run, hash }: Section, example: number, input: number): Loaded<InputValues> {
    const name = JSON.stringify([hash, example, input]);
    const load = async (abort: AbortSignal) => decodeInput(await this.#server.input(run, hash, example, abort), input);
    this.inputs.ask(name, "1", load);
    return this.inputs.get(name);
  }

  dispose(): void {
    for (const stop of this.#effects) {
      stop();
    }
    this.#reload.cancel();
  }

  #askForNumbers(): void {
    if (!this.awake.value) {
      return;
    }
    for (const section of this.shown.sections.value) {
      if (section.hash !== "") {
        this.probes.ask(section.hash, "1", (abort) => this.#server.probe(section.run, section.hash, abort));
      }
    }
    this.#numbers.ask(this.shown.sections.value.flatMap((section) => section.columns));
    for (const run of this.shown.runs.value) {
      this.askForScalars(run, warmthTags(run));
    }
  }
}
