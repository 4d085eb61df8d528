import { parse, unpack } from "#src/data/blob";
import {
  type Index,
  IndexSchema,
  type MapItem,
  MapsSchema,
  type PooledHistogram,
  PooledHistogramListSchema,
  type ProbeBlob,
  ProbeBlobSchema,
  type Scalars,
  ScalarsListSchema,
  type StatColumn,
  type Stats,
  StatsListSchema,
} from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { fromJson } from "#src/data/json";
import type { SeriesName } from "#src/data/portions";

/** The code of an answer that never came. */
export const UNREACHABLE = "UNREACHABLE";

/** What the server said when it could not answer. */
export class ServerError extends Error {
  override name = "ServerError";
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** recovery.ts asks it again. */
export function unreachable(): ServerError {
  const hint =
    "What is on screen stays, and the page asks again every few seconds. If TensorBoard has ended, start it again.";
  return new ServerError(UNREACHABLE, "TensorBoard does not answer", hint);
}

/** What a person should read of any failure: the message, then what to do about it. */
export function words(error: unknown): string {
  if (error instanceof ServerError) {
    return error.hint ? `${error.message}. ${error.hint}` : error.message;
  }
  return error instanceof Error ? error.message : String(error);
}

async function failure(response: Response): Promise<ServerError> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error: { code: unknown; message: unknown; hint: unknown } };
    return new ServerError(String(error.code), String(error.message), String(error.hint ?? ""));
  } catch {
    return new ServerError(
      String(response.status),
      `the server answered ${response.status}: ${text.slice(0, 200)}`,
      "",
    );
  }
}

/** Elements of some steps of one series. */
export interface WantedElements extends SeriesName {
  readonly steps: readonly number[];
  readonly elements: readonly number[];
}

/** Names may be there more than once. */
type Parameters = readonly (readonly [name: string, value: string | number])[];

/** An address of the plugin, relative to the page's base. */
export function address(route: string, parameters: Parameters = []): string {
  const query = new URLSearchParams(parameters.map(([name, value]) => [name, String(value)]));
  return parameters.length === 0 ? route : `${route}?${query}`;
}

/** The i-th run and the i-th tag name a series. */
function named(series: readonly SeriesName[]): Parameters {
  return series.flatMap(
    ({ run, tag }): Parameters => [
      ["run", run],
      ["tag", tag],
    ],
  );
}

/** Once where it is the same for all series, else once for each. */
function lists(name: string, values: readonly (readonly number[])[]): Parameters {
  const texts = values.map((one) => one.join(","));
  return (new Set(texts).size === 1 ? texts.slice(0, 1) : texts).map((text) => [name, text]);
}

export function inputAddress(run: string, hash: string, example: number): string {
  return address("input", [
    ["run", run],
    ["hash", hash],
    ["example", example],
  ]);
}

/** The plugin's endpoints (docs/wire.md). Everything rejects with ServerError, or AbortError when aborted. */
export class Server {
  constructor(private readonly fetcher: (address: string, init: RequestInit) => Promise<Response>) {}

  async index(signal: AbortSignal): Promise<Index> {
    const response = await this.get("index", signal);
    return fromJson(IndexSchema, await response.json());
  }

  async probe(run: string, hash: string, signal: AbortSignal): Promise<ProbeBlob> {
    const parameters: Parameters = [
      ["run", run],
      ["hash", hash],
    ];
    return unpack(await this.bytes(address("probe", parameters), signal), ProbeBlobSchema);
  }

  async input(run: string, hash: string, example: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.bytes(inputAddress(run, hash, example), signal);
  }

  /** Items name their series by its place in `wanted`. */
  async maps(wanted: readonly WantedElements[], signal: AbortSignal): Promise<MapItem[]> {
    const steps = wanted.map((one) => one.steps);
    const elements = wanted.map((one) => one.elements);
    const parameters = [...named(wanted), ...lists("steps", steps), ...lists("elements", elements)];
    return parse(await this.bytes(address("maps", parameters), signal), MapsSchema).items;
  }

  /** All steps of each series, of these columns where a series has them. */
  async stats(series: readonly SeriesName[], columns: readonly StatColumn[]): Promise<readonly Stats[]> {
    const parameters = [...named(series), ...lists("columns", [columns])];
    return parse(await this.bytes(address("stats", parameters)), StatsListSchema).series;
  }

  /** Of |a| over all steps of each series. */
  async histograms(series: readonly SeriesName[]): Promise<readonly PooledHistogram[]> {
    return parse(await this.bytes(address("histograms", named(series))), PooledHistogramListSchema).series;
  }

  /** Ordinary scalars, by their full tags. */
  async scalars(series: readonly SeriesName[]): Promise<readonly Scalars[]> {
    const response = await this.get(address("scalars", named(series)));
    return fromJson(ScalarsListSchema, await response.json()).series;
  }

  private async bytes(to: string, signal?: AbortSignal): Promise<Uint8Array> {
    return new Uint8Array(await (await this.get(to, signal)).arrayBuffer());
  }

  private async get(to: string, signal?: AbortSignal): Promise<Response> {
    let response: Response;
    try {
      response = await this.fetcher(to, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted) {
        throw error;
      }
      throw unreachable();
    }
    if (!response.ok) {
      throw await failure(response);
    }
    return response;
  }
}
