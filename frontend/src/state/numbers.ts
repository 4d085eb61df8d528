import type {
  PooledHistogram,
  Run,
  Scalars,
  Stats,
} from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { Queue } from "#src/data/queue";
import type { Server } from "#src/data/server";
import { Together } from "#src/data/together";
import type { LogHistogram } from "#src/math/histogram";
import { type Column, loggedTag } from "#src/state/columns";
import { Fetches } from "#src/state/fetches";
import type { Loaded } from "#src/state/loaded";
import { COLUMNS, readPooled, readStats, type SeriesStats } from "#src/state/series_stats";

/** All that is fetched of series and runs besides their maps. */
export class Numbers {
  readonly #stats = new Fetches<SeriesStats>();
  readonly #histograms = new Fetches<LogHistogram>();
  readonly #scalars = new Fetches<Scalars>();
  readonly #statsTogether: Together<Stats>;
  readonly #histogramsTogether: Together<PooledHistogram>;
  readonly #scalarsTogether: Together<Scalars>;

  constructor(server: Pick<Server, "stats" | "histograms" | "scalars">) {
    // Method by method, so that the first one's colours do not wait for the numbers of the last one.
    const queue = new Queue();
    this.#histogramsTogether = new Together((series) => server.histograms(series), queue);
    this.#statsTogether = new Together((series) => server.stats(series, COLUMNS), queue);
    this.#scalarsTogether = new Together((series) => server.scalars(series));
  }

  statsOf({ seriesKey }: Column): Loaded<SeriesStats> {
    return this.#stats.get(seriesKey);
  }

  histogramOf({ seriesKey }: Column): Loaded<LogHistogram> {
    return this.#histograms.get(seriesKey);
  }

  scalarsOf({ run }: Run, tag: string): Loaded<Scalars> {
    return this.#scalars.get(JSON.stringify([run, tag]));
  }

  /** Starts fetching what is not here of the columns' series. */
  ask(columns: readonly Column[]): void {
    for (const column of columns) {
      const { seriesKey, run, series } = column;
      if (series !== undefined) {
        const name = { run: run.run, tag: loggedTag(column) };
        const version = `${series.steps.length}/${series.wallTimes.at(-1)}`;
        // Colours need nothing but the pooled histograms, which are small: all stats may be tens of megabytes.
        this.#histograms.ask(seriesKey, version, async () => readPooled(await this.#histogramsTogether.ask(name)));
        this.#stats.ask(seriesKey, version, async () => readStats(await this.#statsTogether.ask(name)));
      }
    }
  }

  /** Starts fetching ordinary scalars of a run, once for each version. */
  askForScalars({ run }: Run, tags: readonly string[], version: string): void {
    for (const tag of tags) {
      this.#scalars.ask(JSON.stringify([run, tag]), version, () => this.#scalarsTogether.ask({ run, tag }));
    }
  }

  /** Lets what failed be asked for again. */
  retry(): void {
    this.#stats.retry();
    this.#histograms.retry();
    this.#scalars.retry();
  }
}
