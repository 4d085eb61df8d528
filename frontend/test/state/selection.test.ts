import { expect, test } from "vitest";
import { DEFAULTS, setStep, toggleMethod, toggleRun } from "#src/state/selection";

const STEPS = [0, 10, 20];

test("reaching the last step follows the latest; any other is kept", () => {
  expect(setStep(DEFAULTS, STEPS, 1).step).toBe(10);
  expect(setStep(DEFAULTS, STEPS, 2).step).toBeNull();
  expect(setStep(DEFAULTS, STEPS, -4).step).toBe(0);
  expect(setStep(DEFAULTS, STEPS, 99).step).toBeNull();
});

test("runs come and go, the last method stays", () => {
  expect(toggleRun(DEFAULTS, ["a", "b"], "a").runs).toEqual(["b"]);
  expect(toggleRun(DEFAULTS, ["a"], "b").runs).toEqual(["a", "b"]);
  expect(toggleMethod(DEFAULTS, ["ig"], "ig")).toBe(DEFAULTS);
});
