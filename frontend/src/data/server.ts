import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { parse, unpack } from "#src/data/blob";
import {
  type Index,
  IndexSchema,
  type MapItem,
  MapsSchema,
  type ProbeBlob,
  ProbeBlobSchema,
  type Scalars,
  ScalarsSchema,
  type Stats,
  StatsSchema,
} from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";

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

type Parameters = Record<string, string | number>;

/** An address of the plugin, relative to the page's base. */
export function address(route: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
  return Object.keys(parameters).length === 0 ? route : `${route}?${query}`;
}

export function inputAddress(run: string, hash: string, example: number): string {
  return address("input", { run, hash, example });
}

/** The plugin's endpoints (docs/wire.md). Everything rejects with ServerError, or AbortError when aborted. */
export class Server {
  constructor(private readonly fetcher: (address: string, init: RequestInit) => Promise<Response>) {}

  async index(signal: AbortSignal): Promise<Index> {
    const response = await this.get("index", {}, signal);
    return fromJson(IndexSchema, (await response.json()) as JsonValue, { ignoreUnknownFields: true });
  }

  async probe(run: string, hash: string, signal: AbortSignal): Promise<ProbeBlob> {
    return unpack(await this.bytes("probe", { run, hash }, signal), ProbeBlobSchema);
  }

  async input(run: string, hash: string, example: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.bytes("input", { run, hash, example }, signal);
  }

  async maps(run: string, tag: string, steps: number[], elements: number[], signal: AbortSignal): Promise<MapItem[]> {
    const parameters = { run, tag, steps: steps.join(","), elements: elements.join(",") };
    return parse(await this.bytes("maps", parameters, signal), MapsSchema).items;
  }

  async stats(run: string, tag: string, signal: AbortSignal): Promise<Stats> {
    return parse(await this.bytes("stats", { run, tag }, signal), StatsSchema);
  }

  /** @param tag in full, of one of the run's ordinary scalars. */
  async scalars(run: string, tag: string, signal: AbortSignal): Promise<Scalars> {
    const response = await this.get("scalars", { run, tag }, signal);
    return fromJson(ScalarsSchema, (await response.json()) as JsonValue, { ignoreUnknownFields: true });
  }

  private async bytes(route: string, parameters: Parameters, signal: AbortSignal): Promise<Uint8Array> {
    return new Uint8Array(await (await this.get(route, parameters, signal)).arrayBuffer());
  }

  private async get(route: string, parameters: Parameters, signal: AbortSignal): Promise<Response> {
    let response: Response;
    try {
      response = await this.fetcher(address(route, parameters), { signal });
    } catch (error) {
      if (signal.aborted) {
        throw error;
      }
      throw new ServerError(UNREACHABLE, "TensorBoard does not answer", "Is its process still running? Then reload.");
    }
    if (!response.ok) {
      throw await failure(response);
    }
    return response;
  }
}
