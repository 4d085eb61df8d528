import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { FreshSteps } from "#src/state/fresh_steps";

test("steps that came are counted while they are on the slider, until all were seen", () => {
  const steps = signal([0, 10]);
  const fresh = new FreshSteps(steps);
  const come = (...all: number[]) =>
    fresh.during(() => {
      steps.value = all;
    });
  come(0, 10, 20);
  come(0, 10, 20, 30);
  expect(fresh.count.value).toBe(2);
  steps.value = [0, 5, 10, 15, 20]; // another run was chosen: its steps are not new
  expect(fresh.count.value).toBe(1);
  fresh.clear();
  expect(fresh.count.value).toBe(0);
});
