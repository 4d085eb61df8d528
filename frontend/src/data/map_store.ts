import { decodeMapBlob, type StoredMaps } from "#src/data/maps";
import type { SeriesName } from "#src/data/portions";
import { Queue } from "#src/data/queue";
import { type Server, ServerError, UNREACHABLE, words } from "#src/data/server";

/** One element of a map step (docs/wire.md): its parts, or why there are none. */
export type StoredElement = { readonly parts: readonly StoredMaps[] } | { readonly error: string };

export interface MapKey extends SeriesName {
  readonly step: number;
  /** When the step was written: a resumed run writes a step again. */
  readonly wallTime: number;
  readonly element: number;
  /** How many inputs the series has: what a blob of it may hold. */
  readonly inputs: number;
}

interface Entry {
  readonly element: StoredElement;
  readonly bytes: number;
}

const BUDGET = 96 * 2 ** 20;
const OVERHEAD = 256;

function name(key: MapKey): string {
  return JSON.stringify([key.run, key.tag, key.step, key.wallTime, key.element]);
}

/** Keys of one series together, in the order in which the series come. */
export function bySeries(keys: readonly MapKey[]): MapKey[][] {
  const found = new Map<string, MapKey[]>();
  for (const key of keys) {
    const name = JSON.stringify([key.run, key.tag]);
    const known = found.get(name);
    if (known === undefined) {
      found.set(name, [key]);
    } else {
      known.push(key);
    }
  }
  return [...found.values()];
}

/** Maps that were fetched, least recently used ones dropped beyond a number of bytes. */
export class MapStore {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  /** Blobs are inflated one after another: several at once may each be as large as one may be. */
  readonly #inflating = new Queue();

  constructor(
    private readonly server: Server,
    private readonly onArrival: () => void,
    private readonly budget = BUDGET,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  get(key: MapKey): StoredElement | undefined {
    const at = name(key);
    const entry = this.#entries.get(at);
    if (entry !== undefined) {
      this.#entries.delete(at);
      this.#entries.set(at, entry);
    }
    return entry?.element;
  }

  has(key: MapKey): boolean {
    return this.#entries.has(name(key));
  }

  /** Fetches in one request what is not here: of each series, steps x elements. Never rejects but by abort. */
  async load(keys: readonly MapKey[], signal: AbortSignal): Promise<void> {
    const missing = keys.filter((key) => !this.has(key));
    if (missing.length === 0) {
      return;
    }
    try {
      await this.#ask(missing, signal);
    } catch (error) {
      if (signal.aborted) {
        throw error;
      }
      if (missing.length > 1 && error instanceof ServerError && error.code !== UNREACHABLE) {
        // The server refuses a request as a whole, because of one step that cannot be asked for or because all of it is
        // too much: the others must not be hidden.
        const half = Math.floor(missing.length / 2);
        await this.load(missing.slice(0, half), signal);
        await this.load(missing.slice(half), signal);
        return;
      }
      for (const key of missing) {
        this.#put(key, { error: words(error) });
      }
    }
    this.onArrival();
  }

  /** Forgets failures, so that a reload tries again. */
  retry(): void {
    for (const [at, entry] of this.#entries) {
      if ("error" in entry.element) {
        this.#entries.delete(at);
        this.#bytes -= entry.bytes;
      }
    }
  }

  async #ask(keys: readonly MapKey[], signal: AbortSignal): Promise<void> {
    const series = bySeries(keys);
    const asked = series.map((of) => ({
      run: of[0]!.run,
      tag: of[0]!.tag,
      steps: [...new Set(of.map((key) => key.step))],
      elements: [...new Set(of.map((key) => key.element))],
    }));
    const wanted = new Map<string, MapKey>(
      series.flatMap((of, place) => of.map((key) => [`${place}/${key.step}/${key.element}`, key] as const)),
    );
    for (const item of await this.server.maps(asked, signal)) {
      const at = `${item.series}/${item.step}/${item.element}`;
      const key = wanted.get(at);
      if (key !== undefined) {
        wanted.delete(at);
        this.#put(key, item.error ? { error: item.error } : await this.#decode(item.blob, key.inputs));
      }
    }
    for (const key of wanted.values()) {
      this.#put(key, { error: `the server sent no element ${key.element} of step ${key.step}` });
    }
  }

  async #decode(blob: Uint8Array, inputs: number): Promise<StoredElement> {
    const decoded = this.#inflating.add(async () => ({ parts: await decodeMapBlob(blob, inputs) }));
    return decoded.catch((error) => ({ error: words(error) }));
  }

  #put(key: MapKey, element: StoredElement): void {
    const at = name(key);
    const bytes = OVERHEAD + ("parts" in element ? element.parts.reduce((sum, part) => sum + part.bytes, 0) : 0);
    this.#bytes += bytes - (this.#entries.get(at)?.bytes ?? 0);
    this.#entries.delete(at);
    this.#entries.set(at, { element, bytes });
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.budget || oldest === at) {
        break;
      }
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
  }
}
