import { expect, test } from "vitest";
import { quantile } from "#src/math/histogram";
import { type Plan, planOf, poolOf, stepsOfPair } from "#src/state/difference_pool";
import { DEFAULTS } from "#src/state/selection";
import { type Pair, pairOf } from "#src/state/sides";
import { indexOf } from "./index_fixture";

const steps = (count: number) => Array.from({ length: count }, (_, at) => 10 * at);

/** Runs a and b with these steps; a side may stay at a step of its own. */
function pairWith(a: number[], b: number[], stepOfA: number | null = null): Pair {
  const { runs } = indexOf({ a: [{ tag: "ig", steps: a }], b: [{ tag: "ig", steps: b }] });
  const side = (run: string, step: number | null) => ({ run: `${run}/attribution`, method: "ig", step });
  return pairOf(runs, DEFAULTS, { a: side("a", stepOfA), b: side("b", null) })!;
}

test("a step counts where both have a map, once for each pair of maps", () => {
  expect(stepsOfPair(pairWith([10, 20], [0, 20, 30]), [0, 10, 20, 30])).toEqual([10, 20, 30]);
  expect(stepsOfPair(pairWith([0, 40], [0, 40]), [0, 10, 20, 30, 40])).toEqual([0, 40]);
  expect(stepsOfPair(pairWith(steps(3), steps(3), 0), steps(3))).toEqual([0, 10, 20]);
});

test("16 steps, from the first to the last, are fetched of both sides", () => {
  const plan = planOf(pairWith(steps(120), steps(120)), steps(120), 0);
  expect([plan.steps.length, plan.of, plan.steps[0], plan.steps.at(-1)]).toEqual([16, 120, 0, 1190]);
  expect(plan.keys.map((key) => key.run)).toEqual([
    ...Array(16).fill("a/attribution"),
    ...Array(16).fill("b/attribution"),
  ]);
  expect(plan.keys.every((key) => key.element === 0)).toBe(true);
  expect(plan.examples).toEqual([0, 1, 2, 3]);
});

test("a side that stays at its step is fetched there, once", () => {
  const plan = planOf(pairWith(steps(3), steps(3), 10), steps(3), 0);
  expect(plan.keys.map((key) => [key.run[0], key.step])).toEqual([
    ["a", 10],
    ["a", 10],
    ["a", 10],
    ["b", 0],
    ["b", 10],
    ["b", 20],
  ]);
});

test("of a large probe fewer steps are fetched, and examples evenly apart are counted", () => {
  const pair = pairWith(steps(20), steps(20));
  const maps = pair.a.series!.maps!;
  maps.examples = 2048;
  maps.grids = [{ shape: [112, 112], methodShape: [], inputShape: [], input: "" } as never];
  const plan = planOf(pair, steps(20), 0);
  // 2 sides x 4096 bytes x 2048 examples are 16 MiB a step, of 64; 2^21 values of 4096 a map at 4 steps.
  expect([plan.steps.length, plan.examples.length]).toEqual([4, 128]);
  expect([plan.examples[0], plan.examples.at(-1)]).toEqual([0, 2047]);
});

const PLAN: Plan = { ...planOf(pairWith(steps(2), steps(2)), steps(2), 0), examples: [0, 1] };
const map = (...values: number[]) => Float32Array.from(values);

test("|B - A| of all steps and examples is pooled; a step that cannot be read is left out and not counted", () => {
  const pooled = poolOf(PLAN, (step, example) =>
    step === 0 ? { a: map(1, 2), b: map(1, 2 + 2 ** example), thumbnails: true } : "none",
  )!;
  expect([pooled.steps, pooled.thumbnails, pooled.histogram.zeros]).toEqual([1, true, 2]);
  expect(quantile(pooled.histogram, 1)).toBe(2);
});

test("a scale of half of the maps would change when the others come: it waits", () => {
  const read = (step: number) => (step === 0 ? { a: map(1), b: map(2), thumbnails: false } : undefined);
  expect(poolOf(PLAN, read)).toBeUndefined();
});
