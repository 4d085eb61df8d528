/** Does one thing after another, in the order asked; the first one at once. */
export class Queue {
  #last: Promise<unknown> | undefined;

  add<T>(job: () => Promise<T>): Promise<T> {
    const begin = async () => job(); // one that throws at once fails as any other
    const done = this.#last === undefined ? begin() : this.#last.then(begin);
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
