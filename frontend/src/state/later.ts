import { signal } from "@preact/signals";
import { words } from "#src/data/server";
import { LOADING, type Loaded, ready } from "#src/state/loaded";

/** A part of the page that is fetched when somebody first wants it. */
export class Later<T> {
  readonly #part = signal<Loaded<T>>(LOADING);
  #asked = false;

  constructor(private readonly load: () => Promise<T>) {}

  /** Reading it subscribes. */
  get(): Loaded<T> {
    if (!this.#asked) {
      this.#asked = true;
      this.load()
        .then((part) => {
          this.#part.value = ready(part);
        })
        .catch((error) => {
          this.#asked = false; // the next who wants it tries again
          this.#part.value = { state: "failed", words: words(error) };
        });
    }
    return this.#part.value;
  }
}
