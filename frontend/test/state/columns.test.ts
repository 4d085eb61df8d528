import { expect, test } from "vitest";
import { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import {
  columnsOf,
  inputOf,
  loggedTag,
  modalityOf,
  scaleKey,
  sections,
  seriesOf,
  shownRuns,
  stepIndex,
  stepsOf,
} from "#src/state/columns";
import { agreedEpoch, epochAt } from "#src/state/epochs";
import { type Across, DEFAULTS } from "#src/state/selection";
import { targets } from "#src/state/tags";
import { keyOf } from "#src/state/tile";
import { indexOf } from "./index_fixture";

const INDEX = indexOf({
  a: [{ tag: "ig" }, { tag: "cam", steps: [0, 5, 10] }],
  b: [{ tag: "ig", steps: [0, 20] }],
});

test("columns stand by method, then by run; a run without the method has a column that says so", () => {
  const columns = columnsOf(sections(INDEX, { ...DEFAULTS, methods: ["ig", "cam"] }));
  expect(columns.map((column) => [column.run.group, column.tag, column.series !== undefined])).toEqual([
    ["a", "ig", true],
    ["b", "ig", true],
    ["a", "cam", true],
    ["b", "cam", false],
  ]);
});

test("runs, methods or steps stand side by side", () => {
  const all = (across: Across, step: number | null = null) =>
    columnsOf(sections(INDEX, { ...DEFAULTS, runs: ["a/attribution"], methods: ["ig", "cam"], across, step }));
  const both = columnsOf(sections(INDEX, { ...DEFAULTS, methods: ["ig", "cam"], across: "methods" }));
  expect(both.map((column) => `${column.run.group} ${column.tag}`)).toEqual(["a ig", "a cam", "b ig", "b cam"]);
  expect(all("steps").map((column) => [column.tag, column.step])).toEqual([
    ["ig", 0],
    ["ig", 5],
    ["ig", 10],
    ["cam", 0],
    ["cam", 5],
    ["cam", 10],
  ]);
  expect(all("steps", 5).map((column) => column.step)).toEqual([0, 5, 0, 5]);
  expect(new Set(all("steps").map((column) => column.key)).size).toBe(6);
  expect(seriesOf(all("steps")).map((column) => column.tag)).toEqual(["ig", "cam"]);
});

test("series of another probe get rows of their own", () => {
  const index = indexOf({ train: [{ tag: "ig", hash: "1" }], validation: [{ tag: "ig", hash: "2" }] });
  expect(sections(index, DEFAULTS).map((section) => [section.hash, section.columns.length])).toEqual([
    ["1", 1],
    ["2", 1],
  ]);
});

test("a series that names no target stands beside those of other runs that name the same one", () => {
  const named = [
    { tag: "cam/label", target: "label" },
    { tag: "cam/dog", target: "dog" },
  ];
  const index = indexOf({ a: named, b: [{ tag: "cam", target: "label" }], c: [{ tag: "cam", target: "cat" }] });
  expect(targets(index.runs)).toEqual(["", "dog", "label"]);
  expect(targets(index.runs.slice(0, 2))).toEqual(["dog", "label"]);
  const columns = columnsOf(sections(index, { ...DEFAULTS, target: "label" }));
  expect(columns.map((column) => [column.tag, column.series && loggedTag(column)])).toEqual([
    ["cam/label", "cam/label"],
    ["cam/label", "cam"],
    ["cam/label", undefined],
  ]);
  expect(columns.map((column) => keyOf(column, 10, 0)?.tag)).toEqual(["cam/label", "cam", undefined]);
  // A run that has both keeps both apart.
  const { runs } = indexOf({ a: [...named, { tag: "cam", target: "label" }] });
  expect(targets(runs)).toEqual(["", "dog", "label"]);
});

test("the slider runs over the steps of everything shown", () => {
  const steps = stepsOf(columnsOf(sections(INDEX, { ...DEFAULTS, methods: ["ig", "cam"] })));
  expect(steps).toEqual([0, 5, 10, 20]);
  expect(stepIndex(steps, DEFAULTS)).toBe(3);
  expect(stepIndex(steps, { ...DEFAULTS, step: 12 })).toBe(2);
  expect(stepIndex(steps, { ...DEFAULTS, step: -1 })).toBe(0);
  expect(stepIndex([], DEFAULTS)).toBe(-1);
});

test("the epoch of a step is that of its record; where TensorBoard dropped it, only between two equal ones", () => {
  const run = { ...INDEX.runs[0]!, epochSteps: [0, 10, 20], epochs: [0, 1, 1] };
  expect([0, 9, 10, 15, 20, 21].map((step) => epochAt(run, step))).toEqual([0, undefined, 1, 1, 1, undefined]);
  expect(epochAt({ ...run, epochSteps: [], epochs: [] }, 0)).toBeUndefined();
});

test("the epoch of a step is said where the runs that have the step agree", () => {
  const index = indexOf({ a: [{ tag: "ig", steps: [0, 10] }], b: [{ tag: "ig", steps: [10, 20] }] });
  const columns = columnsOf(sections(index, DEFAULTS));
  const [, resumed] = index.runs;
  expect(agreedEpoch(columns, 10)).toBe(1);
  resumed!.epochs = [3, 4];
  expect([0, 10, 20].map((step) => agreedEpoch(columns, step))).toEqual([0, undefined, undefined]);
  resumed!.epochs = [];
  expect(agreedEpoch(columns, 10)).toBe(1);
  expect(agreedEpoch([], 10)).toBeUndefined();
});

test("a scale belongs to the runs shown, in any order, the method and the percentile", () => {
  const [a, b] = INDEX.runs;
  expect(scaleKey([a!, b!], "ig", 0.99)).toBe(scaleKey([b!, a!], "ig", 0.99));
  expect(scaleKey([a!, b!], "ig", 0.99)).not.toBe(scaleKey([a!], "ig", 0.99));
});

test("a chosen run that is gone leaves the others", () => {
  expect(shownRuns(INDEX, { ...DEFAULTS, runs: ["gone", "b/attribution"] }).map((run) => run.group)).toEqual(["b"]);
});

test("a method without a map of the chosen input shows the first that it has", () => {
  const [column] = columnsOf(sections(INDEX, DEFAULTS));
  const grids = [{ shape: [] }, { shape: [7, 7] }, { shape: [3] }];
  const several = { ...column!, series: { maps: { grids } } } as unknown as typeof column & object;
  expect([0, 1, 2, 9, null].map((input) => inputOf(several, input))).toEqual([1, 1, 2, 1, 1]);
  const about = { ...column!, series: { maps: { grids, shown: 2 } } } as unknown as typeof column & object;
  expect([null, 1].map((input) => inputOf(about, input))).toEqual([2, 1]);
  expect(inputOf({ ...column!, series: undefined }, 1)).toBe(0);
});

test("units of a layer are drawn as numbers, whatever the probe is; a map without rows and columns is no picture", () => {
  const [column] = columnsOf(sections(INDEX, DEFAULTS));
  const drawn = (units: boolean, shape: number[], modality: Modality) =>
    modalityOf(
      { ...column!, series: { maps: { units, grids: [{ shape }] } } } as unknown as typeof column & object,
      { modality, shown: 0, modalities: [] },
      0,
    );
  const { IMAGE, TABULAR, TEXT, UNKNOWN } = Modality;
  expect([IMAGE, TABULAR, TEXT].map((probe) => drawn(true, [7], probe))).toEqual([UNKNOWN, UNKNOWN, UNKNOWN]);
  expect([drawn(false, [7], IMAGE), drawn(false, [7, 7], IMAGE), drawn(false, [7], TEXT)]).toEqual([
    UNKNOWN,
    IMAGE,
    TEXT,
  ]);
});

test("each input is drawn as what it is; of what the probe does not say it is numbers", () => {
  const [column] = columnsOf(sections(INDEX, DEFAULTS));
  const grids = [{ shape: [5] }, { shape: [8, 8] }, { shape: [4] }];
  const several = { ...column!, series: { maps: { units: false, grids } } } as unknown as typeof column & object;
  const { IMAGE, TABULAR, TEXT, UNKNOWN } = Modality;
  const probe = { modality: IMAGE, shown: 1, modalities: [TABULAR, IMAGE, TEXT] };
  expect([0, 1, 2].map((input) => modalityOf(several, probe, input))).toEqual([TABULAR, IMAGE, TEXT]);
  expect([0, 1, 2].map((input) => modalityOf(several, { ...probe, modalities: [] }, input))).toEqual([
    UNKNOWN,
    IMAGE,
    UNKNOWN,
  ]);
  expect(modalityOf(several, undefined, 1)).toBe(UNKNOWN);
});
