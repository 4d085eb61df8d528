/** Passes on what it is told: at once, then at most once in so many ms, the last thing told. */
export class Paced<T> {
  #waiting: { readonly value: T } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly pass: (value: T) => void,
    private readonly pause: number,
  ) {}

  tell(value: T): void {
    this.#waiting = { value };
    if (this.#timer === undefined) {
      this.flush();
    }
  }

  /** Passes on what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      this.#timer = setTimeout(() => this.flush(), this.pause);
      this.pass(waiting.value);
    }
  }
}
