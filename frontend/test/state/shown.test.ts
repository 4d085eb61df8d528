import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { ready } from "#src/state/loaded";
import { DEFAULTS, type Selection } from "#src/state/selection";
import { Shown } from "#src/state/shown";
import { indexOf } from "./index_fixture";

function scene(chosen: Partial<Selection> = {}) {
  const selection = signal<Selection>({ ...DEFAULTS, ...chosen });
  const shown = new Shown(signal(ready(indexOf({ a: [{ tag: "ig" }, { tag: "cam" }] }))), selection);
  const change = (part: Partial<Selection>) => {
    selection.value = { ...selection.value, ...part };
    return shown.columns.value;
  };
  return { shown, change };
}

test("looks, scales and steps leave the columns as they are: the same objects", () => {
  const { shown, change } = scene();
  const before = shown.columns.value;
  expect(change({ opacity: 0.1, scope: "share", gamma: 2, ends: { ig: 1 }, step: 0 })).toBe(before);
  expect(shown.step.value).toBe(0);
});

test("what columns are made of makes new ones", () => {
  const { change } = scene();
  expect(change({ methods: ["cam"] }).map(({ tag }) => tag)).toEqual(["cam"]);
  expect(change({ runs: [] })).toEqual([]);
  expect(change({ runs: null, across: "steps" }).map(({ step }) => step)).toEqual([0, 10]);
  expect(change({ step: 0 }).map(({ step }) => step)).toEqual([0]);
});
