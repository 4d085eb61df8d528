import { computed, effect, type ReadonlySignal } from "@preact/signals";
import { type LogHistogram, merge } from "#src/math/histogram";
import type { Column } from "#src/state/columns";
import { type Asked, KeptEnds } from "#src/state/kept_ends";
import { known } from "#src/state/loaded";
import { partsOf } from "#src/state/parts";
import { type Pool, type Pools, pools, type Sources, shares } from "#src/state/pools";
import { type Bar, levelAt, levelOf, type MapScale, percentile, pooledBar, pooledVmax } from "#src/state/scale";
import { endOf, type Scope, type Selection } from "#src/state/selection";
import { StatColumn } from "#src/state/series_stats";
import { shownStep } from "#src/state/tile";

const NONE = new Float64Array();
/** Scales kept for being told apart by identity; beyond them, tiles draw once more than they must. */
const KEPT = 4096;

/** How strong a map is, where its colours do not say. */
export interface Magnitude {
  /** P99 or largest of |scores|. */
  readonly level: number;
  /** Of |scores|. */
  readonly sum: number;
  /** The level in units of the end of the series' scale. */
  readonly share: number;
}

function placeOf(tag: string, step: number | undefined): string {
  return JSON.stringify([tag, step ?? null]);
}

/**
 * How values become colours: one scale per (runs shown, method, target), pooled over the scope that was chosen. Scales
 * of all steps stay once shown, also while new steps come in, until a person asks for new ones.
 */
export class Scales {
  readonly #sources: Sources;
  readonly #kept = new KeptEnds();
  readonly #selection: ReadonlySignal<Pick<Selection, "scope" | "clip" | "gamma" | "ends">>;
  readonly #scope: ReadonlySignal<Scope>;
  readonly #pools: ReadonlySignal<Pools>;
  readonly #shares: ReadonlySignal<ReadonlyMap<string, Float64Array>>;
  readonly #bars: ReadonlySignal<ReadonlyMap<string, Bar>>;
  readonly #made = new Map<string, MapScale>();

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#selection = partsOf(sources.selection, ["scope", "clip", "gamma", "ends"]);
    this.#scope = computed(() => this.#selection.value.scope);
    this.#pools = pools(sources);
    this.#shares = shares(sources, this.#pools);
    this.#bars = computed(() => {
      const bars = new Map<string, Bar>();
      for (const pool of this.#pools.value.values()) {
        for (const step of new Set(pool.columns.map((column) => column.step))) {
          bars.set(placeOf(pool.tag, step), this.#barAt(pool, step));
        }
      }
      return bars;
    });
  }

  /** Undefined while the numbers it is made of are on their way. The same object while nothing about it changes. */
  of(column: Column, example: number): MapScale | undefined {
    const bar = this.#bars.value.get(placeOf(column.tag, column.step));
    if (bar === undefined || !bar.known || bar.unit === "score") {
      return bar && this.#scale(bar, bar.known ? bar.vmax : 0, undefined);
    }
    const { level, sum } = this.#numbers(column, example);
    return bar.unit === "own" ? this.#scale(bar, level, undefined) : this.#scale(bar, bar.vmax * sum, sum);
  }

  /** What the bar of a method and target says; of a film strip, of all its steps. */
  bar(tag: string): Bar | undefined {
    const pool = this.#pools.value.get(tag);
    const steps = [...new Set(pool?.columns.map((column) => column.step))];
    const bar = this.#bars.value.get(placeOf(tag, steps[0]));
    const own = this.#scope.value === "step" && steps.length > 1;
    return own && bar ? { ...bar, unit: "own" } : bar;
  }

  /** How strong a map is on the scale of its series; undefined where neither is logged. */
  magnitude(column: Column, example: number): Magnitude | undefined {
    const pool = this.#pools.value.get(column.tag);
    const end = pool && this.#kept.of(this.#seriesEnd(pool));
    const { level, sum } = this.#numbers(column, example);
    return end && Number.isFinite(level) ? { level, sum, share: level / end } : undefined;
  }

  /** The end of the bar that today's steps ask for, where it differs from the one shown. */
  pending(tag: string): number | undefined {
    return this.#kept.pending(this.#asked(tag));
  }

  rescale(tag: string): void {
    const asked = this.#asked(tag);
    if (asked !== undefined) {
      this.#kept.renew(asked);
    }
  }

  /** Keeps each scale as it is first known. Returns what stops it. */
  follow(): () => void {
    return effect(() => {
      const asked = [...this.#pools.value.values()].flatMap((pool) => [this.#seriesEnd(pool), this.#shareEnd(pool)]);
      this.#kept.keep(asked.filter((one) => one !== undefined));
    });
  }

  /** The bar of columns that follow the page (`step` undefined) or stay at a step of their own. */
  #barAt(pool: Pool, step: number | undefined): Bar {
    const selection = this.#selection.value;
    const { clip, gamma } = selection;
    const look = { signed: pool.signed, gamma, histogram: pool.histogram };
    const { beyond } = levelOf(clip);
    switch (this.#scope.value) {
      case "step": {
        const histograms = pool.columns.flatMap((column) => (column.step === step ? this.#histogram(column) : []));
        return pooledBar(pooledVmax(histograms, clip), look, merge(histograms));
      }
      case "visible":
        return { ...pooledBar(this.#strongestVisible(pool), look, undefined), clipped: beyond, atMost: true };
      case "image": {
        const any = pool.series.some((column) => known(this.#sources.statsOf(column)) !== undefined);
        return { ...pooledBar(any ? 1 : 0, look, undefined), unit: "own", clipped: beyond, atMost: true };
      }
      case "share": {
        const end = this.#kept.of(this.#shareEnd(pool));
        const all = this.#shares.value.get(pool.tag) ?? NONE;
        const clipped = end === undefined ? 0 : all.filter((share) => share > end).length / all.length;
        return { ...pooledBar(end, look, undefined), unit: "share", clipped };
      }
      case "manual":
        return pooledBar(endOf(selection, pool.tag) ?? this.#kept.of(this.#seriesEnd(pool)), look, pool.histogram);
      case "series":
        return pooledBar(this.#kept.of(this.#seriesEnd(pool)), look, pool.histogram);
    }
  }

  #histogram(column: Column): LogHistogram[] {
    const shown = shownStep(column, this.#sources.shown.stepOf(column));
    const histogram = shown && known(this.#sources.statsOf(column))?.histogramAt(shown.step);
    return histogram === undefined ? [] : [histogram];
  }

  #strongestVisible(pool: Pool): number {
    const levels = pool.columns.flatMap((column) => {
      const examples = this.#sources.visible.value.get(column.series?.maps?.probeHash ?? "") ?? [];
      return examples.map((example) => this.#numbers(column, example).level).filter(Number.isFinite);
    });
    return Math.max(0, ...levels);
  }

  /** A map's own numbers at the step that its column shows; NaN where they are not known. */
  #numbers(column: Column, example: number): { level: number; sum: number } {
    const shown = shownStep(column, this.#sources.shown.stepOf(column));
    const stats = known(this.#sources.statsOf(column));
    if (shown === undefined || stats === undefined) {
      return { level: Number.NaN, sum: Number.NaN };
    }
    const level = levelOf(this.#selection.value.clip).column;
    return {
      level: levelAt(stats, shown.step, example, level),
      sum: stats.at(shown.step, example, StatColumn.STAT_SUM_ABS),
    };
  }

  #seriesEnd({ key, vmax }: Pool): Asked | undefined {
    return vmax ? { key, end: vmax } : undefined;
  }

  #shareEnd({ key, tag }: Pool): Asked | undefined {
    const end = percentile(this.#shares.value.get(tag) ?? NONE, this.#selection.value.clip);
    return end ? { key: `share ${key}`, end } : undefined;
  }

  /** What the bar on screen is kept under, where it is one of all steps. */
  #asked(tag: string): Asked | undefined {
    const pool = this.#pools.value.get(tag);
    const scope = this.#scope.value;
    const byHand = scope === "manual" && endOf(this.#selection.value, tag) !== undefined;
    if (pool === undefined || byHand) {
      return undefined;
    }
    const ofAll: Partial<Record<Scope, Asked | undefined>> = {
      series: this.#seriesEnd(pool),
      manual: this.#seriesEnd(pool),
      share: this.#shareEnd(pool),
    };
    return ofAll[scope];
  }

  /** One object per scale: a tile draws again when it gets another. */
  #scale({ signed, gamma }: Bar, end: number, sum: number | undefined): MapScale {
    const isKnown = Number.isFinite(end) && end > 0;
    const name = [signed, gamma, end, sum].join();
    const scale = this.#made.get(name) ?? { signed, gamma, vmax: isKnown ? end : 1, known: isKnown, sum };
    if (this.#made.size > KEPT) {
      this.#made.clear();
    }
    this.#made.set(name, scale);
    return scale;
  }
}
