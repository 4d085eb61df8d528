import { type Signal, signal } from "@preact/signals";
import { Latest } from "#src/data/latest";
import { words } from "#src/data/server";
import { LOADING, type Loaded, ready } from "#src/state/loaded";

interface Slot<T> {
  readonly loaded: Signal<Loaded<T>>;
  readonly latest: Latest;
  version: string;
}

/** Things fetched by name, each once per version; a newer version replaces the older when it has arrived. */
export class Fetches<T> {
  readonly #slots = new Map<string, Slot<T>>();

  /** What is known now; reading it subscribes to its arrival. */
  get(name: string): Loaded<T> {
    return this.#slot(name).loaded.value;
  }

  /** Fetches unless this version is here or on its way. */
  ask(name: string, version: string, load: (signal: AbortSignal) => Promise<T>): void {
    const slot = this.#slot(name);
    if (slot.version === version) {
      return;
    }
    slot.version = version;
    slot.latest
      .run(load)
      .then((value) => {
        if (value !== undefined) {
          slot.loaded.value = ready(value);
        }
      })
      .catch((error) => {
        slot.loaded.value = { state: "failed", words: words(error) };
      });
  }

  /** Lets failed ones be asked for again. */
  retry(): void {
    for (const slot of this.#slots.values()) {
      if (slot.loaded.peek().state === "failed") {
        slot.version = "";
      }
    }
  }

  #slot(name: string): Slot<T> {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = { loaded: signal<Loaded<T>>(LOADING), latest: new Latest(), version: "" };
      this.#slots.set(name, slot);
    }
    return slot;
  }
}
