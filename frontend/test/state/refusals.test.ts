import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { type MapSeries, MapSeriesSchema } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import type { Column } from "#src/state/columns";
import { refusals } from "#src/state/refusals";
import { firstSides } from "#src/state/sides";

type Change = MessageInitShape<typeof MapSeriesSchema>;

const PARAMETERS = [
  { name: "steps", value: "16" },
  { name: "baseline", value: "auto" },
];
const MAPS: Change = {
  tag: "ig",
  method: "IntegratedGradients",
  probeHash: "h",
  target: "label",
  scalar: "margin",
  signed: true,
  parameters: PARAMETERS,
  grids: [{ shape: [7, 7], methodShape: [14, 14] }],
};

function column(run: string, maps: MapSeries | undefined, step?: number): Column {
  const series = maps && { maps, steps: [0], wallTimes: [0] };
  return { key: `${run}${step}`, seriesKey: run, run: { run }, tag: "ig", series, step } as never;
}

function pair(change: Change) {
  const [a, b] = [create(MapSeriesSchema, MAPS), create(MapSeriesSchema, { ...MAPS, ...change } as Change)];
  return { a: column("x", a), b: column("y", b) };
}

const CASES: [Change, string[]][] = [
  [{}, []],
  [{ tag: "ig_again", versions: [{ name: "keras", value: "4" }] }, []],
  [{ parameters: [...PARAMETERS].reverse() }, []],
  [{ probeHash: "g" }, ["probe: h in A, g in B"]],
  [{ target: "cat" }, ["target: label in A, cat in B"]],
  [{ scalar: "probability" }, ["explained output: margin in A, probability in B"]],
  [{ signed: false }, ["scores: with a sign in A, without a sign in B"]],
  [
    { parameters: [{ name: "steps", value: "32" }, { name: "seed", value: "0" }, PARAMETERS[1]!] },
    ["parameter seed: not set in A, 0 in B", "parameter steps: 16 in A, 32 in B"],
  ],
  [{ grids: [{ shape: [14, 14], methodShape: [14, 14] }] }, ["cells: 7 × 7 in A, 14 × 14 in B"]],
  [{ grids: [{ shape: [7, 7], methodShape: [28, 28] }] }, ["the method’s own cells: 14 × 14 in A, 28 × 28 in B"]],
];

test.each(CASES)("%j", (change, reasons) => {
  const { a, b } = pair(change);
  expect(refusals({ a, b }, false, true)).toEqual(reasons);
  // What is offered first is what is not refused.
  const other = column("z", create(MapSeriesSchema, MAPS));
  expect(firstSides([a, b, other], 0)?.b.run).toBe(reasons.length === 0 ? "y" : "z");
});

test("several reasons are all there", () => {
  const { a, b } = pair({ probeHash: "g", target: "cat" });
  expect(refusals({ a, b }, true, true)).toEqual(["probe: h in A, g in B", "target: label in A, cat in B"]);
});

test("methods have scores of different units; shares have none, and parameters are each method's own", () => {
  const { a, b } = pair({ method: "Saliency", parameters: [] });
  expect(refusals({ a, b }, false, true)).toEqual([
    "method: IntegratedGradients in A, Saliency in B: their scores share no unit, shares of each map (S) do",
  ]);
  expect(refusals({ a, b }, true, true)).toEqual([]);
});

test("a map whose negative part is dropped is not compared with a whole one", () => {
  const { a, b } = pair({ method: "GradCAM", cam: true });
  expect(refusals({ a, b }, true, true)).toEqual(["ReLU: off in A, on in B"]);
  expect(refusals({ a, b }, true, false)).toEqual([]);
});

test("a side that was not logged, and a column with itself", () => {
  const { a } = pair({});
  expect(refusals({ a, b: column("y", undefined) }, false, true)).toEqual(["B: run y has no ig"]);
  expect(refusals({ a, b: a }, false, true)).toEqual(["A and B are the same column"]);
  expect(refusals({ a, b: column("x", a.series?.maps, 0) }, false, true)).toEqual([]);
});

test("names of any length and any number of parameters make a reason of bearable length", () => {
  const many = Array.from({ length: 1000 }, (_, at) => ({ name: `p${at}`, value: "v".repeat(1000) }));
  const { a, b } = pair({ parameters: many });
  const reasons = refusals({ a, b }, false, true);
  expect(reasons.at(-1)).toBe("and 996 more parameters");
  expect(reasons.join().length).toBeLessThan(600);
});
