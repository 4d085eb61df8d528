import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { WantedMaps } from "#src/data/wanted";
import { quantile } from "#src/math/histogram";
import { type Plan, type Pooled, planOf, poolOf, type Read, stepsOfPair } from "#src/state/difference_pool";
import { requests } from "#src/state/map_fetches";
import { type Bar, type MapScale, pooledBar } from "#src/state/scale";
import { endOf } from "#src/state/selection";
import type { Session } from "#src/state/session";
import type { Pair } from "#src/state/sides";
import { stable } from "#src/state/stable";

/** What its end is called where a person sets it; no tag begins with a slash. */
export const END = "/difference";

/** What a difference is made of, as far as its scale asks. */
export interface Compared {
  /** Undefined where nothing can be subtracted. */
  readonly pair: ReadonlySignal<Pair | undefined>;
  readonly shares: ReadonlySignal<boolean>;
  /** Another text where maps are treated in another way. */
  readonly treatment: ReadonlySignal<string>;
  read(pair: Pair, step: number, example: number): Read;
}

interface Kept {
  readonly plan: Plan;
  /** By treatment. */
  readonly pooled: Map<string, Pooled>;
}

/** The scale of a difference: made once of maps of some steps, as no histogram of it is logged, and then kept. */
export class DifferenceScale {
  readonly plan: ReadonlySignal<Plan | undefined>;
  readonly pooled: ReadonlySignal<Pooled | undefined>;
  /** Undefined while what it is made of is on its way. */
  readonly bar: ReadonlySignal<Bar | undefined>;
  /** The same object while nothing about it changes. */
  readonly scale: ReadonlySignal<MapScale | undefined>;
  readonly #kept = new Map<string, Kept>();
  readonly #renewed = signal(0);

  constructor(
    private readonly session: Session,
    compared: Compared,
  ) {
    const input = computed(() => session.asked.value.input);
    const kept = computed(() => {
      this.#renewed.value;
      const pair = compared.pair.value;
      return pair && this.#keptOf(pair, input.value);
    });
    this.plan = computed(() => kept.value?.plan);
    this.pooled = computed(() => {
      const { plan, pooled } = kept.value ?? {};
      const name = compared.treatment.value;
      const made =
        pooled?.get(name) ?? (plan && poolOf(plan, (step, example) => compared.read(plan.pair, step, example)));
      if (made !== undefined) {
        pooled?.set(name, made);
      }
      return made;
    });
    this.bar = computed(() => this.pooled.value && this.#barOf(this.pooled.value, compared.shares.value));
    this.scale = stable(
      () => this.bar.value && { ...this.bar.value, sum: undefined },
      (one, other) => one?.vmax === other?.vmax && one?.gamma === other?.gamma && one?.known === other?.known,
    );
  }

  /** Steps that came since it was made. */
  get newSteps(): number {
    const plan = this.plan.value;
    return plan === undefined ? 0 : stepsOfPair(plan.pair, this.session.shown.steps.value).length - plan.of;
  }

  /** Makes it anew, of today's steps. */
  rescale(): void {
    this.#kept.clear();
    this.#renewed.value++;
  }

  /** Fetches what it is made of. Returns what stops it. */
  follow(): () => void {
    const wanted = new WantedMaps(this.session.store);
    const stop = effect(() => {
      const waits = this.session.awake.value && this.pooled.value === undefined;
      wanted.want(requests(waits ? (this.plan.value?.keys ?? []) : []), []);
    });
    return () => {
      stop();
      wanted.stop();
    };
  }

  #barOf({ histogram }: Pooled, shares: boolean): Bar {
    const selection = this.session.asked.value;
    const { gamma, clip, scope } = selection;
    const byHand = scope === "manual" ? endOf(selection, END) : undefined;
    const bar = pooledBar(byHand ?? quantile(histogram, clip), { signed: true, gamma, histogram }, histogram);
    return { ...bar, unit: shares ? "share" : "score" };
  }

  #keptOf(pair: Pair, input: number | null): Kept {
    const steps = this.session.shown.steps.value;
    const name = JSON.stringify([pair.a.key, pair.b.key, input]);
    const kept = this.#kept.get(name) ?? { plan: planOf(pair, steps, input), pooled: new Map() };
    this.#kept.set(name, kept);
    return kept;
  }
}
