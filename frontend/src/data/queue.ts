/** Does one thing after another, in the order asked; the first one at once. */
export class Queue {
  #last: Promise<unknown> | undefined;

  add<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#last === undefined ? job() : this.#last.then(job);
    const last = done
      .catch(() => undefined)
      .then(() => {
        if (this.#last === last) {
          this.#last = undefined;
        }
      });
    this.#last = last;
    return done;
  }
}
