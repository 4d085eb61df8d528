import { computed, type ReadonlySignal } from "@preact/signals";
import { type LogHistogram, merge } from "#src/math/histogram";
import { type Column, scaleKey, seriesOf } from "#src/state/columns";
import { known, type Loaded } from "#src/state/loaded";
import { isSigned, levelOf, levelShares, pooledVmax } from "#src/state/scale";
import type { Scope, Selection } from "#src/state/selection";
import type { SeriesStats } from "#src/state/series_stats";
import type { Shown } from "#src/state/shown";

/** What the page knows that scales are made of. */
export interface Sources {
  readonly shown: Pick<Shown, "runs" | "columns" | "stepOf">;
  readonly selection: ReadonlySignal<Selection>;
  /** Examples on screen, by probe. */
  readonly visible: ReadonlySignal<ReadonlyMap<string, readonly number[]>>;
  statsOf(column: Column): Loaded<SeriesStats>;
  /** |a| over all steps; failed where none was logged. */
  histogramOf(column: Column): Loaded<LogHistogram>;
}

/** Columns of one method and target that share a scale, with what was logged of them. */
export interface Pool {
  readonly key: string;
  readonly tag: string;
  readonly signed: boolean;
  readonly columns: readonly Column[];
  /** One column of each series. */
  readonly series: readonly Column[];
  /** |a| over all steps; undefined where none was logged, or those of different writers do not add up. */
  readonly histogram: LogHistogram | undefined;
  /** The end that all steps ask for. */
  readonly vmax: number | undefined;
}

export type Pools = ReadonlyMap<string, Pool>;

/** Scales made of the numbers of single maps, or steps. */
const OF_MAPS: ReadonlySet<Scope> = new Set(["visible", "step", "image", "share"]);

/** By tag; without those whose numbers are on their way. */
export function pools(sources: Sources): ReadonlySignal<Pools> {
  const { shown, selection } = sources;
  const clip = computed(() => selection.value.clip);
  const relu = computed(() => selection.value.relu);
  // A bin ends beyond the largest score, which is among the numbers of single maps.
  const exact = computed(() => clip.value === 1);
  const ofMaps = computed(() => exact.value || OF_MAPS.has(selection.value.scope));
  return computed(() => {
    const found = new Map<string, Pool>();
    for (const tag of new Set(shown.columns.value.map((column) => column.tag))) {
      const columns = shown.columns.value.filter((column) => column.tag === tag && column.series !== undefined);
      const series = seriesOf(columns);
      const loaded = series.map((column) => sources.histogramOf(column));
      const stats = ofMaps.value ? series.map((column) => sources.statsOf(column)) : [];
      // All or nothing: a scale from half of the runs would jump when the others arrive.
      if ([...loaded, ...stats].every(({ state }) => state !== "loading")) {
        const histograms = loaded.flatMap((one, at) => {
          const histogram = known(one);
          const peak = exact.value && known(stats[at])?.peak();
          return histogram ? [peak ? { ...histogram, peak } : histogram] : [];
        });
        found.set(tag, {
          key: scaleKey(shown.runs.value, tag, clip.value),
          tag,
          signed: columns.some(({ series }) => series?.maps !== undefined && isSigned(series.maps, relu.value)),
          columns,
          series,
          histogram: merge(histograms),
          vmax: pooledVmax(histograms, clip.value),
        });
      }
    }
    return found;
  });
}

/** Levels of all maps of all steps as shares of each map's sum, ascending, by tag; none unless colours are made of them. */
export function shares(
  sources: Sources,
  found: ReadonlySignal<Pools>,
): ReadonlySignal<ReadonlyMap<string, Float64Array>> {
  const { selection } = sources;
  const scope = computed<Scope>(() => selection.value.scope);
  const level = computed(() => levelOf(selection.value.clip).column);
  return computed(() => {
    const all = new Map<string, Float64Array>();
    for (const { tag, series } of scope.value === "share" ? found.value.values() : []) {
      const ofSeries = series.map((column) => {
        const stats = known(sources.statsOf(column));
        return stats === undefined ? [] : levelShares(stats, column.series?.maps?.examples ?? 0, level.value);
      });
      all.set(tag, Float64Array.from(ofSeries.flat()).sort());
    }
    return all;
  });
}
