import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { RunSchema, SeriesSchema } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import type { Column } from "#src/state/columns";
import { pairWords, stepWords } from "#src/widgets/row_picture";

function column(group: string, method: string, steps: number[]): Column {
  const run = create(RunSchema, { run: group, group, name: "attribution", epochSteps: [0, 10], epochs: [0, 1] });
  const maps = { tag: "ig", method, scalar: "margin", target: "label" };
  const series = create(SeriesSchema, { maps, steps, wallTimes: steps });
  return { key: "", seriesKey: "", run, tag: "ig", series, step: undefined };
}

test("a column names its step; one without the step asked for names both", () => {
  const shown = column("a", "IG", [0, 10]);
  expect(stepWords(shown, 10)).toEqual(["step 10, epoch 2"]);
  expect(stepWords(shown, 20)).toEqual([{ badge: "still step 10, epoch 2" }, "no map of step 20"]);
  expect(stepWords(column("a", "IG", [10]), 0)).toEqual([]);
});

test("a difference names the method, the run and the step of both sides, and whether it is refused", () => {
  const pair = { a: column("x", "IG", [0]), b: column("y", "CAM", [0, 10]) };
  const a = ["A: IG", "margin of label", "run x", { badge: "still step 0, epoch 1" }, "no map of step 10"];
  const b = ["B: CAM", "margin of label", "run y", "step 10, epoch 2"];
  expect(pairWords(pair, false, () => 10)).toEqual(["B − A", ...b, ...a]);
  expect(pairWords(pair, true, () => 10)).toEqual(["B − A", { badge: "refused" }, ...b, ...a]);
});
