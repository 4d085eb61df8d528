import { expect, test } from "vitest";
import { DEFAULTS } from "#src/state/selection";
import { methods, shownTarget, targets } from "#src/state/tags";
import { indexOf } from "./index_fixture";

test("a tag names its target behind a slash", () => {
  const { runs } = indexOf({ a: [{ tag: "ig/dog" }, { tag: "ig/cat" }, { tag: "cam/cat" }] });
  expect([methods(runs), targets(runs)]).toEqual([
    ["cam", "ig"],
    ["cat", "dog"],
  ]);
  expect(shownTarget(runs, { ...DEFAULTS, target: "dog" })).toBe("dog");
  expect(shownTarget(runs, { ...DEFAULTS, target: "cow" })).toBe("cat");
});

test("of several targets the label comes first", () => {
  const { runs } = indexOf({ a: [{ tag: "ig/4-9" }, { tag: "ig/label" }] });
  expect(shownTarget(runs, DEFAULTS)).toBe("label");
  expect(shownTarget(runs, { ...DEFAULTS, target: "4-9" })).toBe("4-9");
  const unnamed = indexOf({ a: [{ tag: "ig/label" }, { tag: "ig" }] });
  expect(shownTarget(unnamed.runs, DEFAULTS)).toBe("");
});

test("of several targets the one that most of the runs have comes first; of those, the label", () => {
  const { runs } = indexOf({
    a: [{ tag: "ig/4-9" }, { tag: "ig/label" }, { tag: "cam/label" }],
    b: [{ tag: "ig/4-9" }],
    c: [{ tag: "ig/4-9" }, { tag: "ig/0-1" }],
  });
  expect(shownTarget(runs, DEFAULTS)).toBe("4-9");
  expect(shownTarget(runs, { ...DEFAULTS, target: "0-1" })).toBe("0-1");
  expect(shownTarget(runs.slice(0, 1), DEFAULTS)).toBe("label");
  // A series that names no target has the one that it explains.
  const { runs: mixed } = indexOf({
    a: [{ tag: "ig/dog" }, { tag: "ig/label", target: "label" }],
    b: [{ tag: "ig", target: "label" }],
    c: [{ tag: "cam", target: "cat" }],
  });
  expect(shownTarget(mixed, DEFAULTS)).toBe("label");
  expect(shownTarget([], DEFAULTS)).toBe("");
});
