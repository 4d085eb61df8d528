import { expect, test } from "vitest";
import { joined, stepRange } from "#src/render/curve_chart";
import type { Curve } from "#src/state/curves";
import { sampledWords } from "#src/widgets/curve_table";
import { indexOf } from "../state/index_fixture";

const [run] = indexOf({ a: [{ tag: "ig" }] }).runs;

function curve(steps: number[], values: number[], tag = "fit/loss"): Curve {
  return { run: run!, line: { tag, name: tag }, dashed: false, steps, values };
}

test("the axis runs over the curves and the slider, and has room around a single step", () => {
  expect(stepRange({ curves: [curve([5, 30], [1, 1])], steps: [0, 20] })).toEqual([0, 30]);
  expect(stepRange({ curves: [], steps: [7] })).toEqual([6, 8]);
});

test("a value that is not finite is a gap; a step that another curve has is none", () => {
  const curves = [curve([0, 20], [1, Number.NaN]), curve([0, 10, 20], [2, 3, Number.POSITIVE_INFINITY])];
  expect(joined(curves)).toEqual([
    [0, 10, 20],
    [1, undefined, null],
    [2, 3, null],
  ]);
});

test("a scalar that fills its room may have lost points; what the page computes has not", () => {
  expect(sampledWords([curve([0, 10], [1, 1])], 2)).toContain("--samples_per_plugin=scalars=0");
  expect(sampledWords([curve([0, 10], [1, 1])], 0)).toBe("");
  expect(sampledWords([curve([0, 10], [1, 1], "")], 2)).toBe("");
});
