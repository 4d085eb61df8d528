import type { MapKey, MapStore } from "#src/data/map_store";

interface Request {
  readonly keys: readonly MapKey[];
  readonly abort: AbortController;
}

function name(key: MapKey): string {
  return JSON.stringify([key.run, key.tag, key.step, key.wallTime, key.element]);
}

/**
 * Keeps the store filled with what is wanted now. A new wish aborts requests that it has no use for and
 * leaves the others running: a thumb that moves on by one step does not throw away the steps around it.
 */
export class WantedMaps {
  #running: Request[] = [];
  #later: (readonly MapKey[])[] = [];

  constructor(private readonly store: MapStore) {}

  /**
   * @param now one request each, started at once.
   * @param later the same, one after another when nothing else is under way: the server reads a few blobs at a time,
   *   and those on screen come first.
   */
  want(now: readonly (readonly MapKey[])[], later: readonly (readonly MapKey[])[]): void {
    const useful = new Set([...now, ...later].flat().map(name));
    for (const request of this.#running) {
      if (!request.keys.some((key) => useful.has(name(key)))) {
        request.abort.abort();
      }
    }
    this.#running = this.#running.filter((request) => !request.abort.signal.aborted);
    for (const keys of now) {
      this.#start(keys);
    }
    this.#later = [...later];
    this.#pump();
  }

  stop(): void {
    this.want([], []);
  }

  #pump(): void {
    while (this.#later.length > 0 && this.#running.length === 0) {
      this.#start(this.#later.shift() ?? []);
    }
  }

  #start(keys: readonly MapKey[]): void {
    const inFlight = new Set(this.#running.flatMap((request) => request.keys.map(name)));
    const missing = keys.filter((key) => !inFlight.has(name(key)) && !this.store.has(key));
    if (missing.length === 0) {
      return;
    }
    const request = { keys: missing, abort: new AbortController() };
    this.#running.push(request);
    this.store
      .load(missing, request.abort.signal)
      .catch(() => undefined) // aborted: nobody wants it
      .finally(() => {
        this.#running = this.#running.filter((other) => other !== request);
        this.#pump();
      });
  }
}
