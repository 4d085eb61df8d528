import { expect, test } from "vitest";
import { DEFAULTS, setStep, toggleMethod, toggleRuns } from "#src/state/selection";

const STEPS = [0, 10, 20];

test("reaching the last step follows the latest; any other is kept", () => {
  expect(setStep(DEFAULTS, STEPS, 1).step).toBe(10);
  expect(setStep(DEFAULTS, STEPS, 2).step).toBeNull();
  expect(setStep(DEFAULTS, STEPS, -4).step).toBe(0);
  expect(setStep(DEFAULTS, STEPS, 99).step).toBeNull();
});

test("runs come and go, the last method stays", () => {
  expect(toggleRuns(DEFAULTS, ["a", "b"], ["a"]).runs).toEqual(["b"]);
  expect(toggleRuns(DEFAULTS, ["a"], ["b"]).runs).toEqual(["a", "b"]);
  expect(toggleMethod(DEFAULTS, ["ig"], "ig")).toBe(DEFAULTS);
});

test("a group that is partly shown is completed, a whole one goes", () => {
  expect(toggleRuns(DEFAULTS, ["x", "a"], ["a", "b"]).runs).toEqual(["x", "a", "b"]);
  expect(toggleRuns(DEFAULTS, ["x", "a", "b"], ["a", "b"]).runs).toEqual(["x"]);
});
