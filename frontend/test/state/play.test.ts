import { computed, signal } from "@preact/signals";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Play } from "#src/state/play";

const PACE = 100;

function standing(then: () => void): () => void {
  const timer = setTimeout(then, PACE);
  return () => clearTimeout(timer);
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Steps 0, 10, 20, 30; `here` are those whose maps have arrived. */
function stage({ from = 0, count = 4 } = {}) {
  const steps = signal(Array.from({ length: count }, (_, at) => 10 * at));
  const at = signal(from);
  const step = computed(() => steps.value[at.value] ?? Number.NaN);
  const here = signal<ReadonlySet<number>>(new Set(steps.value));
  const awake = signal(true);
  const seen: number[] = [];
  const setStep = (index: number) => {
    at.value = Math.min(steps.value.length - 1, Math.max(0, index));
    seen.push(step.value);
  };
  const arrived = computed(() => here.value.has(step.value));
  const play = new Play({ shown: { steps, at, step }, awake, arrived, setStep }, standing);
  return { play, steps, step, here, awake, seen, setStep };
}

test("every step stays for the pace, and the last one ends it", () => {
  const { play, seen } = stage();
  play.toggle();
  vi.advanceTimersByTime(PACE - 1);
  expect(seen).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual([10]);
  vi.advanceTimersByTime(2 * PACE);
  expect([seen, play.on.value]).toEqual([[10, 20, 30], false]);
  vi.advanceTimersByTime(10 * PACE);
  expect(seen).toEqual([10, 20, 30]);
});

test("a step whose maps are not there is waited for, and then stays as long as any other", () => {
  const { play, here, seen } = stage();
  here.value = new Set([0, 20, 30]);
  play.toggle();
  vi.advanceTimersByTime(50 * PACE);
  expect([seen, play.on.value]).toEqual([[10], true]);
  here.value = new Set([0, 10, 20, 30]);
  vi.advanceTimersByTime(PACE - 1);
  expect(seen).toEqual([10]);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual([10, 20]);
});

test("at the end it begins at the first step", () => {
  const { play, seen } = stage({ from: 3 });
  play.toggle();
  expect(seen).toEqual([0]);
  vi.advanceTimersByTime(PACE);
  expect(seen).toEqual([0, 10]);
});

test("somebody who moves the step, or pauses, or looks elsewhere stops it", () => {
  for (const end of [
    (on: ReturnType<typeof stage>) => on.setStep(2),
    (on: ReturnType<typeof stage>) => on.play.toggle(),
    (on: ReturnType<typeof stage>) => {
      on.awake.value = false;
    },
  ]) {
    const on = stage();
    on.play.toggle();
    vi.advanceTimersByTime(PACE);
    end(on);
    const step = on.step.value;
    vi.advanceTimersByTime(10 * PACE);
    expect([on.play.on.value, on.step.value]).toEqual([false, step]);
  }
});

test("steps that come while it plays are played too, wherever they lie", () => {
  const { play, steps, here, seen } = stage();
  play.toggle();
  steps.value = [0, 5, 10, 20, 30, 40];
  here.value = new Set(steps.value);
  vi.advanceTimersByTime(10 * PACE);
  expect(seen).toEqual([5, 10, 20, 30, 40]);
});

test("one step, or a page that nobody sees, does not play", () => {
  const single = stage({ count: 1 });
  single.play.toggle();
  expect(single.play.on.value).toBe(false);
  const hidden = stage();
  hidden.awake.value = false;
  hidden.play.toggle();
  expect([hidden.play.on.value, hidden.seen]).toEqual([false, []]);
});
