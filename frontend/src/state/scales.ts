import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { LogHistogram } from "#src/math/histogram";
import { type Column, scaleKey, seriesOf } from "#src/state/columns";
import type { Loaded } from "#src/state/loaded";
import { isSigned, pooledVmax, type SeriesScale, seriesScale } from "#src/state/scale";
import type { Selection } from "#src/state/selection";
import type { SeriesStats } from "#src/state/series_stats";
import type { Shown } from "#src/state/shown";

interface Live {
  readonly key: string;
  readonly signed: boolean;
  readonly histograms: readonly LogHistogram[];
  readonly vmax: number | undefined;
}

/** A bar that would change by less is left alone. */
const TOLERANCE = 0.01;

/**
 * One colour scale per (runs shown, method, target), over all steps. Once shown it stays, also while new
 * steps come in, until a person asks for a new one.
 */
export class Scales {
  readonly #frozen = signal<ReadonlyMap<string, number>>(new Map());
  readonly #live;
  readonly #scales;

  constructor(
    shown: Pick<Shown, "runs" | "columns">,
    selection: ReadonlySignal<Selection>,
    statsOf: (column: Column) => Loaded<SeriesStats>,
  ) {
    this.#live = computed(() => {
      const { clip, relu } = selection.value;
      const live = new Map<string, Live>();
      for (const tag of new Set(shown.columns.value.map((column) => column.tag))) {
        const columns = seriesOf(shown.columns.value).filter(
          (column) => column.tag === tag && column.series !== undefined,
        );
        const stats = columns.map((column) => statsOf(column));
        // All or nothing: a scale from half of the runs would jump when the others arrive.
        if (stats.every((loaded) => loaded.state !== "loading")) {
          const histograms = stats.flatMap((loaded) =>
            loaded.state === "ready" && loaded.value.histogram !== undefined ? [loaded.value.histogram] : [],
          );
          live.set(tag, {
            key: scaleKey(shown.runs.value, tag, clip),
            signed: columns.some((column) => column.series?.maps !== undefined && isSigned(column.series.maps, relu)),
            histograms,
            vmax: pooledVmax(histograms, clip),
          });
        }
      }
      return live;
    });
    this.#scales = computed(() => {
      const scales = new Map<string, SeriesScale>();
      for (const [tag, live] of this.#live.value) {
        const vmax = this.#frozen.value.get(live.key) ?? live.vmax;
        scales.set(tag, seriesScale(vmax, live.signed, live.histograms));
      }
      return scales;
    });
  }

  /** Undefined while the numbers it is made of are on their way. */
  of(tag: string): SeriesScale | undefined {
    return this.#scales.value.get(tag);
  }

  /** The end of the bar that today's steps ask for, where it differs from the one shown. */
  pending(tag: string): number | undefined {
    const live = this.#live.value.get(tag);
    const frozen = live && this.#frozen.value.get(live.key);
    if (live?.vmax === undefined || frozen === undefined || Math.abs(live.vmax / frozen - 1) < TOLERANCE) {
      return undefined;
    }
    return live.vmax;
  }

  rescale(tag: string): void {
    const live = this.#live.peek().get(tag);
    if (live?.vmax !== undefined) {
      this.#frozen.value = new Map(this.#frozen.peek()).set(live.key, live.vmax);
    }
  }

  /** Freezes each scale when it is first known. Returns what stops it. */
  follow(): () => void {
    return effect(() => {
      const fresh = [...this.#live.value.values()].filter((live) => live.vmax && !this.#frozen.peek().has(live.key));
      if (fresh.length > 0) {
        this.#frozen.value = new Map([...this.#frozen.peek(), ...fresh.map((live) => [live.key, live.vmax!] as const)]);
      }
    });
  }
}
