/**
 * Every fetch that follows a control runs through one of these: starting a new one aborts the older, so
 * that a late answer can never replace a newer one.
 */
export class Latest {
  #running: AbortController | undefined;

  /**
   * @returns what `load` gives, or undefined when a later call (or `cancel`) came first.
   * @throws what `load` throws, unless it was superseded.
   */
  async run<T>(load: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    this.cancel();
    const mine = new AbortController();
    this.#running = mine;
    try {
      const result = await load(mine.signal);
      return mine.signal.aborted ? undefined : result;
    } catch (error) {
      if (mine.signal.aborted) {
        return undefined;
      }
      throw error;
    }
  }

  cancel(): void {
    this.#running?.abort();
    this.#running = undefined;
  }
}
