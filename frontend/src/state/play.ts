import { effect, signal } from "@preact/signals";
import type { Session } from "#src/state/session";

/** What steps are played on. */
export interface Playable extends Pick<Session, "awake" | "arrived" | "setStep"> {
  readonly shown: Pick<Session["shown"], "steps" | "at" | "step">;
}

/** Goes on through the steps by itself. None is skipped: a step whose maps are on their way is waited for. */
export class Play {
  readonly on = signal(false);
  #stop: () => void = () => {};

  /** @param standing calls back when a step whose maps are there has stood for long enough; returns what stops it. */
  constructor(
    private readonly session: Playable,
    private readonly standing: (then: () => void) => () => void,
  ) {}

  toggle(): void {
    if (this.on.peek()) {
      this.stop();
    } else {
      this.#start();
    }
  }

  stop(): void {
    this.on.value = false;
    this.#stop();
    this.#stop = () => {};
  }

  /** From the step on screen; where that is the last, from the first. */
  #start(): void {
    const { shown, awake, arrived } = this.session;
    if (shown.steps.peek().length < 2 || !awake.peek()) {
      return;
    }
    if (this.#isAtEnd()) {
      this.session.setStep(0);
    }
    this.on.value = true;
    let expected = shown.step.peek();
    let leave = () => {};
    const next = () => {
      const at = shown.at.peek() + 1;
      expected = shown.steps.peek()[at] ?? expected;
      this.session.setStep(at);
      if (this.#isAtEnd()) {
        this.stop();
      }
    };
    const unfollow = effect(() => {
      leave();
      if (shown.step.value !== expected || !awake.value) {
        this.stop(); // somebody else moved the step, or nobody looks any more
      } else if (arrived.value) {
        leave = this.standing(next);
      }
    });
    this.#stop = () => {
      leave();
      unfollow();
    };
  }

  #isAtEnd(): boolean {
    const { shown } = this.session;
    return shown.at.peek() >= shown.steps.peek().length - 1;
  }
}
