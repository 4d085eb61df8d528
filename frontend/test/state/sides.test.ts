import { expect, test } from "vitest";
import { columnsOf, sections, shownRuns } from "#src/state/columns";
import { DEFAULTS, type Selection } from "#src/state/selection";
import { compare, firstSides, pairOf, sideOf } from "#src/state/sides";
import { indexOf } from "./index_fixture";

const INDEX = indexOf({
  a: [{ tag: "ig" }, { tag: "cam" }],
  b: [{ tag: "cam" }, { tag: "ig", hash: "other" }],
});

function columns(chosen: Partial<Selection>) {
  return columnsOf(sections(INDEX, { ...DEFAULTS, ...chosen }));
}

const side = (group: string, method: string, step: number | null = null) => ({
  run: `${group}/attribution`,
  method,
  step,
});

test("the first two columns that explain the same by the same method are compared first", () => {
  expect(firstSides(columns({ methods: ["ig", "cam"] }), 10)).toEqual({ a: side("a", "cam"), b: side("b", "cam") });
});

test("where no two can be compared, the first two: they are refused in words", () => {
  expect(firstSides(columns({ methods: ["ig"] }), 10)).toEqual({ a: side("a", "ig"), b: side("b", "ig") });
});

test("one column has no difference, nor one that this run lacks", () => {
  expect(firstSides(columns({ methods: ["ig"], runs: ["a/attribution"] }), 10)).toBeUndefined();
  expect(firstSides(columns({ methods: ["ig", "lime"], runs: ["a/attribution"] }), 10)).toBeUndefined();
});

test("of a film strip, its first step and the one on screen, which goes on with the slider", () => {
  const strip = columns({ methods: ["ig"], across: "steps" });
  expect(firstSides(strip, 10)).toEqual({ a: side("a", "ig", 0), b: side("a", "ig") });
  expect(strip.map((column) => sideOf(column, 10).step)).toEqual([0, null, 0, null]);
});

test("sides are columns with the target on screen, whether they stand on the page or not", () => {
  const index = indexOf({ a: [{ tag: "ig/cat" }, { tag: "ig/dog" }] });
  const selection = { ...DEFAULTS, target: "dog" };
  const pair = pairOf(shownRuns(index, selection), selection, { a: side("a", "ig", 0), b: side("a", "ig") });
  expect([pair?.a.tag, pair?.a.step, pair?.b.step]).toEqual(["ig/dog", 0, undefined]);
  expect(pair?.a.series).toBe(pair?.b.series);
  expect(pair?.a.seriesKey).toBe(columnsOf(sections(index, selection))[0]?.key);
});

test("a side whose run or method is not on screen leaves no pair", () => {
  const selection = { ...DEFAULTS, runs: ["a/attribution"], methods: ["ig"] };
  const runs = shownRuns(INDEX, selection);
  const pair = (a: ReturnType<typeof side>) => pairOf(runs, selection, { a, b: side("a", "ig") });
  expect([pair(side("b", "ig")), pair(side("a", "cam"))]).toEqual([undefined, undefined]);
  expect(pairOf(runs, selection, null)).toBeUndefined();
});

test("steps and methods are compared in shares at first, runs in scores; what a person chooses then stays", () => {
  const runs = compare(DEFAULTS, { a: side("a", "ig"), b: side("b", "ig") });
  expect(runs.scope).toBe("series");
  const steps = compare(runs, { a: side("a", "ig", 0), b: side("a", "ig") });
  expect(steps.scope).toBe("share");
  expect(compare(DEFAULTS, { a: side("a", "ig"), b: side("a", "cam") }).scope).toBe("share");
  const scores: Selection = { ...steps, scope: "series" };
  expect(compare(scores, { a: side("a", "ig", 0), b: side("a", "ig", 10) }).scope).toBe("series");
  expect(compare(steps, null)).toEqual({ ...steps, difference: null });
});
