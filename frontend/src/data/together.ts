import { portions, type SeriesName } from "#src/data/portions";
import type { Queue } from "#src/data/queue";
import { ServerError, UNREACHABLE } from "#src/data/server";

interface Waiting<T> extends SeriesName {
  readonly done: (value: T) => void;
  readonly failed: (error: unknown) => void;
}

/** Puts what is asked for at the same time into one request, however many ask. */
export class Together<T extends { readonly error: string }> {
  #waiting: Waiting<T>[] = [];

  /**
   * @param load answers with an item for each name, in their order; `error` is why there is nothing of it.
   * @param queue where there is one, each tag is a request of its own and waits for its turn.
   */
  constructor(
    private readonly load: (names: readonly SeriesName[]) => Promise<readonly T[]>,
    private readonly queue?: Queue,
  ) {}

  /** @throws ServerError, or an Error with what the server said of this one. */
  ask({ run, tag }: SeriesName): Promise<T> {
    return new Promise((done, failed) => {
      this.#waiting.push({ run, tag, done, failed });
      if (this.#waiting.length === 1) {
        queueMicrotask(() => {
          const all = this.#waiting;
          this.#waiting = [];
          const { queue } = this;
          for (const portion of queue === undefined ? portions(all) : byTag(all).flatMap((of) => portions(of))) {
            const send = () => this.#send(portion);
            if (queue === undefined) {
              send();
            } else {
              queue.add(send);
            }
          }
        });
      }
    });
  }

  async #send(portion: readonly Waiting<T>[]): Promise<void> {
    try {
      const answers = await this.load(portion);
      portion.forEach(({ run, tag, done, failed }, at) => {
        const answer = answers[at];
        if (answer === undefined || answer.error !== "") {
          failed(new Error(answer?.error ?? `the server sent nothing of ${tag} of run ${run}`));
        } else {
          done(answer);
        }
      });
    } catch (error) {
      if (portion.length > 1 && error instanceof ServerError && error.code !== UNREACHABLE) {
        // Refused as a whole, perhaps because it is too much: what can be had of it is asked for in halves.
        const half = Math.floor(portion.length / 2);
        await this.#send(portion.slice(0, half));
        await this.#send(portion.slice(half));
      } else {
        for (const { failed } of portion) {
          failed(error);
        }
      }
    }
  }
}

function byTag<T extends SeriesName>(names: readonly T[]): T[][] {
  const found = new Map<string, T[]>();
  for (const name of names) {
    found.set(name.tag, [...(found.get(name.tag) ?? []), name]);
  }
  return [...found.values()];
}
