import { effect, signal } from "@preact/signals";
import { expect, test } from "vitest";
import { ASKED, partsOf } from "#src/state/parts";
import { DEFAULTS, type Selection } from "#src/state/selection";

function watched(names: readonly (keyof Selection)[]) {
  const selection = signal<Selection>(DEFAULTS);
  const parts = partsOf(selection, names);
  let seen = 0;
  effect(() => {
    parts.value;
    seen++;
  });
  const change = (to: Partial<Selection>) => {
    selection.value = { ...selection.value, ...to };
    return seen;
  };
  return { parts, change };
}

test("who reads some parts is told of their changes alone", () => {
  const { parts, change } = watched(["tile", "gamma"]);
  expect(change({ opacity: 0.1, scope: "share" })).toBe(1);
  expect(change({ gamma: 2 })).toBe(2);
  expect(parts.value.gamma).toBe(2);
  expect(change({ gamma: 2, step: 3 })).toBe(2);
});

test("dragged colours are no question to anybody", () => {
  const { change } = watched(ASKED);
  expect(change({ opacity: 0.2, diverging: "PuOr", sequential: "grey" })).toBe(1);
  expect(change({ step: 10 })).toBe(2);
  expect(new Set([...ASKED, "opacity", "diverging", "sequential"])).toEqual(new Set(Object.keys(DEFAULTS)));
});
