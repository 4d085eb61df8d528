import { expect, test } from "vitest";
import { fromLink, toLink } from "#src/state/link";
import { DEFAULTS } from "#src/state/selection";

test("what is default is not in the link", () => {
  expect(toLink(DEFAULTS)).toEqual({});
});

test("a selection comes back from its link", () => {
  const selection = {
    ...DEFAULTS,
    runs: ["a,b/x", "%2C"],
    methods: ["ig"],
    target: "dog",
    across: "steps" as const,
    step: 0,
  };
  expect(fromLink(toLink(selection))).toEqual({ selection, complaints: [] });
});

test("bad values are reported, the good ones beside them hold", () => {
  const { selection, complaints } = fromLink({ step: "soon", method: "ig", colour: "jet", across: "time" });
  expect(selection).toEqual({ ...DEFAULTS, methods: ["ig"] });
  expect(complaints).toEqual([
    "The link's step=soon was ignored: a step is a number.",
    "The link's colour=jet was ignored: known keys: runs, method, target, across, step.",
    "The link's across=time was ignored: columns stand side by side across runs, methods, steps.",
  ]);
});
