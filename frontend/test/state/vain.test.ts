import { expect, test } from "vitest";
import { columnsOf, sections } from "#src/state/columns";
import { DEFAULTS, type Selection } from "#src/state/selection";
import { askedInVain } from "#src/state/vain";
import { indexOf } from "./index_fixture";

const INDEX = indexOf({ a: [{ tag: "ig/label" }, { tag: "ig/cat" }], b: [{ tag: "cam/label", steps: [5] }] });

function vain(asked: Partial<Selection>): string[] {
  const selection = { ...DEFAULTS, ...asked };
  return askedInVain(INDEX, columnsOf(sections(INDEX, selection)), selection);
}

test("what is there is not complained about", () => {
  expect(vain({})).toEqual([]);
  expect(vain({ runs: ["a/attribution"], methods: ["ig"], target: "cat", step: 10 })).toEqual([]);
  expect(vain({ runs: [] })).toEqual([]);
});

test("each thing that is not there is named, with what the page shows instead", () => {
  expect(
    vain({ runs: ["a/attribution", "c"], methods: ["ig", "lime"], target: "dog", step: 7, pins: { h: [1], g: [0] } }),
  ).toEqual([
    "There is no run c with attributions in this log directory.",
    "No run on screen has the method lime; there is ig.",
    "No run on screen has the target dog; the page shows label.",
    "No run on screen has a map of step 7; the page shows step 0.",
    "No run of this log directory has the probe g that has pinned examples.",
  ]);
});

test("a side of the difference that is not on screen is named", () => {
  const side = (run: string, method: string) => ({ run: `${run}/attribution`, method, step: null });
  const both = { a: side("a", "ig"), b: side("b", "ig") };
  expect(vain({ methods: ["ig"], difference: both })).toEqual([]);
  expect(vain({ runs: ["a/attribution"], methods: ["ig"], difference: both })).toEqual([
    "B of the difference is not on screen: ig of run b/attribution.",
  ]);
  expect(vain({ methods: ["ig"], difference: { ...both, a: side("a", "lime") } })).toEqual([
    "A of the difference is not on screen: lime of run a/attribution.",
  ]);
});
