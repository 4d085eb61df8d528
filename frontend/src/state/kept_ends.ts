import { signal } from "@preact/signals";

/** The end that a scale of all steps asks for today, and what it is kept under. */
export interface Asked {
  readonly key: string;
  /** > 0. */
  readonly end: number;
}

/** A bar that would change by less is left alone. */
const TOLERANCE = 0.01;

/** Ends of scales as they were first shown, so that new steps do not change colours by themselves. */
export class KeptEnds {
  readonly #kept = signal<ReadonlyMap<string, number>>(new Map());

  of(asked: Asked | undefined): number | undefined {
    return asked && (this.#kept.value.get(asked.key) ?? asked.end);
  }

  /** What is asked for, where it differs from what is kept. */
  pending(asked: Asked | undefined): number | undefined {
    const kept = asked && this.#kept.value.get(asked.key);
    return asked === undefined || kept === undefined || Math.abs(asked.end / kept - 1) < TOLERANCE
      ? undefined
      : asked.end;
  }

  /** Keeps what is not kept yet. */
  keep(all: readonly Asked[]): void {
    this.#set(all.filter(({ key }) => !this.#kept.peek().has(key)));
  }

  renew(asked: Asked): void {
    this.#set([asked]);
  }

  #set(all: readonly Asked[]): void {
    if (all.length > 0) {
      this.#kept.value = new Map([...this.#kept.peek(), ...all.map(({ key, end }) => [key, end] as const)]);
    }
  }
}
