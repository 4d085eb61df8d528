import { expect, test } from "vitest";
import {
  DEFAULTS,
  endOf,
  nextScope,
  SCOPES,
  setEnd,
  setStep,
  toggleMethod,
  toggleRuns,
  toggleShare,
} from "#src/state/selection";

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

test("one key goes through all scopes, another to shares and back", () => {
  let selection = DEFAULTS;
  const seen = SCOPES.map(() => {
    selection = nextScope(selection);
    return selection.scope;
  });
  expect(seen).toEqual([...SCOPES.slice(1), "series"]);
  expect([toggleShare(DEFAULTS).scope, toggleShare(toggleShare(DEFAULTS)).scope]).toEqual(["share", "series"]);
});

test("an end that is set is that of one tag, whatever its name", () => {
  const selection = setEnd(setEnd(DEFAULTS, "ig", 2), "__proto__", 3);
  expect([selection.scope, endOf(selection, "ig"), endOf(selection, "__proto__")]).toEqual(["manual", 2, 3]);
  expect([endOf(selection, "cam"), endOf(selection, "constructor")]).toEqual([undefined, undefined]);
});
