import { computed, type ReadonlySignal, signal } from "@preact/signals";

const NONE: ReadonlySet<number> = new Set();

/** Steps that came while a person looks at an earlier one. */
export class FreshSteps {
  readonly #came = signal(NONE);
  /** How many of them are on the slider. */
  readonly count: ReadonlySignal<number>;

  constructor(private readonly steps: ReadonlySignal<readonly number[]>) {
    this.count = computed(() => steps.value.filter((step) => this.#came.value.has(step)).length);
  }

  /** Counts the steps that a change brings. */
  during(change: () => void): void {
    const before = new Set(this.steps.peek());
    change();
    this.#came.value = new Set([...this.#came.peek(), ...this.steps.peek().filter((step) => !before.has(step))]);
  }

  /** Somebody has seen all. */
  clear(): void {
    this.#came.value = NONE;
  }
}
