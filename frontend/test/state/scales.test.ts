import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import type { LogHistogram } from "#src/math/histogram";
import type { Column } from "#src/state/columns";
import { LOADING, type Loaded, ready } from "#src/state/loaded";
import { Scales } from "#src/state/scales";
import { DEFAULTS, type Selection } from "#src/state/selection";
import { type SeriesStats, StatColumn } from "#src/state/series_stats";
import { Shown } from "#src/state/shown";
import { indexOf } from "./index_fixture";

// Octaves from 1 on: all values in 2^at .. 2^(at + 1), so that the largest is 2^(at + 1).
function octave(at: number) {
  const bins = new Float64Array(8);
  bins[at] = 100;
  return { lowExponent: 0, perOctave: 1, zeros: 0, nonfinite: 0, bins, peak: Number.POSITIVE_INFINITY };
}

/** The numbers of a run, and |a| over all its steps. */
type Numbers = SeriesStats & { readonly histogram: LogHistogram };

/** @param maps by step, then example: [P99, largest, sum]. @param peak of the whole series. */
function stats(at: number, maps: Record<number, number[][]> = {}, peak = Number.POSITIVE_INFINITY): Loaded<Numbers> {
  const columns = [StatColumn.STAT_P99, StatColumn.STAT_PEAK, StatColumn.STAT_SUM_ABS];
  return ready({
    steps: Object.keys(maps).map(Number),
    histogram: octave(at),
    at: (step, example, column) => maps[step]?.[example]?.[columns.indexOf(column)] ?? Number.NaN,
    over: () => [],
    peak: () => peak,
    histogramAt: (step) => (step in maps ? octave(step / 10) : undefined),
    quantileAt: () => Number.NaN,
    clippedAt: () => Number.NaN,
    problems: [],
  });
}

function scene(chosen: Partial<Selection> = {}) {
  const index = indexOf({ a: [{ tag: "ig" }], b: [{ tag: "ig" }] });
  const selection = signal<Selection>({ ...DEFAULTS, clip: 1, ...chosen });
  const known = signal<Record<string, Loaded<Numbers>>>({ a: LOADING, b: LOADING });
  const pooled = signal<Record<string, Loaded<LogHistogram>>>({});
  const visible = signal<ReadonlyMap<string, readonly number[]>>(new Map([["h", [0]]]));
  const shown = new Shown(signal(ready(index)), selection);
  const statsOf = (column: Column) => known.value[column.run.group]!;
  const histogramOf = (column: Column) => {
    const numbers = statsOf(column);
    return pooled.value[column.run.group] ?? (numbers.state === "ready" ? ready(numbers.value.histogram) : numbers);
  };
  const scales = new Scales({ shown, selection, visible, statsOf, histogramOf });
  scales.follow();
  const [a, b] = shown.columns.value as [Column, Column];
  return { scales, known, pooled, selection, visible, a, b };
}

/** Two steps of three maps: [P99, largest, sum]. The second run is weaker, and its last map is all zero. */
const MAPS = {
  0: [
    [1, 2, 10],
    [2, 3, 40],
    [0, 5, 50],
  ],
  10: [
    [4, 8, 100],
    [6, 9, 20],
    [3, 3, 30],
  ],
};
const WEAK = {
  0: [
    [0.5, 1, 5],
    [1, 1, 10],
    [0, 0, 0],
  ],
  10: [
    [3, 4, 60],
    [2, 2, 10],
    [0, 0, 0],
  ],
};

function measured(chosen: Partial<Selection> = {}) {
  const made = scene({ clip: 0.99, ...chosen });
  made.known.value = { a: stats(4, MAPS), b: stats(4, WEAK) };
  return made;
}

test("a scale waits for all runs, then pools them", () => {
  const { scales, known } = scene();
  known.value = { a: stats(1), b: LOADING };
  expect(scales.bar("ig")).toBeUndefined();
  known.value = { a: stats(1), b: stats(3) };
  expect(scales.bar("ig")).toMatchObject({ vmax: 16, signed: true, known: true, clipped: 0 });
});

test("new steps leave the scale alone until somebody asks", () => {
  const { scales, known } = scene();
  known.value = { a: stats(1), b: stats(1) };
  known.value = { a: stats(1), b: stats(4) };
  expect([scales.bar("ig")?.vmax, scales.bar("ig")?.clipped, scales.pending("ig")]).toEqual([4, 0.5, 32]);
  scales.rescale("ig");
  expect([scales.bar("ig")?.vmax, scales.pending("ig")]).toEqual([32, undefined]);
});

test("largest: the end is the largest score itself, and nothing lies beyond; where one run's is not known, a bin's end", () => {
  const { scales, known, pooled, selection } = scene({ clip: 0.99 });
  pooled.value = { a: ready(octave(1)), b: ready(octave(3)) };
  expect(scales.bar("ig")?.vmax).toBeCloseTo(2 ** 3.98, 12);
  selection.value = { ...selection.value, clip: 1 };
  expect(scales.bar("ig")).toBeUndefined(); // it is among the numbers of single maps
  known.value = { a: stats(1, {}, 3.5), b: stats(3, {}, 11) };
  expect(scales.bar("ig")).toMatchObject({ vmax: 11, clipped: 0 });
  const { scales: others, known: those } = scene({ clip: 1 });
  those.value = { a: stats(1, {}, 3.5), b: stats(3) };
  expect(others.bar("ig")).toMatchObject({ vmax: 16, clipped: 0 });
});

test("the series' scale needs the pooled histograms alone; what is made of each map waits for its numbers", () => {
  const { scales, known, pooled, selection } = scene({ clip: 0.99 });
  pooled.value = { a: ready(octave(1)), b: ready(octave(3)) };
  expect(scales.bar("ig")?.vmax).toBeCloseTo(2 ** 3.98, 12);
  for (const scope of ["step", "visible", "image", "share"] as const) {
    selection.value = { ...selection.value, scope };
    known.value = { a: stats(1, MAPS), b: LOADING };
    expect(scales.bar("ig")).toBeUndefined();
    known.value = { a: stats(1, MAPS), b: stats(3, MAPS) };
    expect(scales.bar("ig")?.known).toBe(true);
  }
});

test("a run whose numbers cannot be read leaves the scale to the others", () => {
  const { scales, known } = scene();
  known.value = { a: stats(2), b: { state: "failed", words: "corrupt" } };
  expect(scales.bar("ig")?.vmax).toBe(8);
});

test("all zero: no scale is made up", () => {
  const { scales, known, a } = scene();
  const zero = stats(0);
  (zero as { value: Numbers }).value.histogram.bins[0] = 0;
  known.value = { a: zero, b: zero };
  expect(scales.bar("ig")).toMatchObject({ known: false, vmax: 1 });
  expect(scales.of(a, 0)).toMatchObject({ known: false, vmax: 1 });
});

test("a film strip and any example share the scale of the series", () => {
  const { scales, a, b, selection } = measured({ clip: 1 });
  const scale = scales.of(a, 0);
  expect(scale).toEqual({ vmax: 32, signed: true, gamma: 1, known: true, sum: undefined });
  expect(scales.of(b, 2)).toBe(scale);
  selection.value = { ...selection.value, opacity: 0.1, step: 0 };
  expect(scales.of(a, 1)).toBe(scale);
});

test("step: pooled over the runs at the step on screen", () => {
  const { scales, a, selection } = measured({ scope: "step", step: 0, clip: 1 });
  expect(scales.of(a, 0)?.vmax).toBe(2);
  selection.value = { ...selection.value, step: 10 };
  expect([scales.of(a, 0)?.vmax, scales.bar("ig")?.vmax, scales.bar("ig")?.unit]).toEqual([4, 4, "score"]);
});

test("step, in a film strip: each column has its own, and the bar says so", () => {
  const { scales, known, selection } = measured({ scope: "step", across: "steps", clip: 1 });
  const index = indexOf({ a: [{ tag: "ig" }], b: [{ tag: "ig" }] });
  const strip = new Shown(signal(ready(index)), selection).columns.value;
  expect(known.value.a?.state).toBe("ready");
  expect(strip.map((column) => [column.step, scales.of(column, 0)?.vmax])).toEqual([
    [0, 2],
    [10, 4],
    [0, 2],
    [10, 4],
  ]);
  expect(scales.bar("ig")?.unit).toBe("own");
});

test("visible: the strongest map on screen, of any run", () => {
  const { scales, a, b, visible } = measured({ scope: "visible" });
  expect([scales.of(a, 0)?.vmax, scales.of(b, 0)?.vmax]).toEqual([4, 4]);
  visible.value = new Map([["h", [2, 1]]]);
  expect(scales.of(b, 0)?.vmax).toBe(6);
  expect(scales.bar("ig")).toMatchObject({ clipped: 0.01, atMost: true });
});

test("image: every map ends at its own level; where P99 is 0, at its largest; a map of zeros has none", () => {
  const { scales, a, b, selection } = measured({ scope: "image", step: 0 });
  expect([0, 1, 2].map((example) => scales.of(a, example)?.vmax)).toEqual([1, 2, 5]);
  expect(scales.of(b, 2)).toMatchObject({ known: false });
  selection.value = { ...selection.value, clip: 0.999 };
  expect(scales.of(a, 0)?.vmax).toBe(2);
  expect(scales.bar("ig")).toMatchObject({ unit: "own", clipped: 0 });
});

test("share: one end for all steps, in units of each map's sum", () => {
  // Levels / sums: .1 .05 .1 .04 .3 .1 and .1 .1 .05 .2; of ten, P95 is the largest.
  const { scales, a, b, selection } = measured({ scope: "share", clip: 0.95, step: 0 });
  expect(scales.bar("ig")).toMatchObject({ unit: "share", vmax: 0.3, clipped: 0 });
  expect(scales.of(a, 1)).toMatchObject({ vmax: 0.3 * 40, sum: 40 });
  selection.value = { ...selection.value, step: 10 };
  expect([scales.bar("ig")?.vmax, scales.of(b, 1)?.vmax]).toEqual([0.3, 3]);
});

test("shares too are left alone while steps come in", () => {
  const { scales, known } = measured({ scope: "share" });
  known.value = { ...known.value, a: stats(4, { ...MAPS, 20: [[9, 9, 10]] }) };
  expect([scales.bar("ig")?.vmax, scales.bar("ig")?.clipped, scales.pending("ig")]).toEqual([0.3, 1 / 11, 0.9]);
  scales.rescale("ig");
  expect(scales.bar("ig")?.vmax).toBe(0.9);
});

test("manual: what a person set, and the series' end for the others", () => {
  const { scales, known, a, selection } = measured({ scope: "manual", clip: 1, ends: { other: 3 } });
  expect(scales.of(a, 0)?.vmax).toBe(32);
  known.value = { ...known.value, a: stats(6, MAPS) };
  expect(scales.pending("ig")).toBe(128);
  selection.value = { ...selection.value, ends: { ig: 24 } };
  // Half of all lie in 16 .. 32, evenly in log2; the others above.
  expect(scales.of(a, 0)?.vmax).toBe(24);
  expect(scales.bar("ig")?.clipped).toBeCloseTo(0.5 + 0.5 * (1 - Math.log2(24 / 16)), 12);
  expect(scales.pending("ig")).toBeUndefined();
});

test("a map without a finite score has no magnitude; that of one that is all zero is 0", () => {
  for (const clip of [0.99, 1]) {
    const { scales, known, a } = scene({ scope: "image", clip, step: 0 });
    const maps = [Number.NaN, 0].map((p99) => [p99, 0, 0]);
    known.value = { a: stats(4, { 0: maps }), b: stats(4, WEAK) };
    expect(scales.magnitude(a, 0)).toBeUndefined();
    expect(scales.magnitude(a, 1)?.level).toBe(0);
  }
});

test("a map's magnitude is in units of the series' end, in every scope", () => {
  const { scales, b } = measured({ scope: "image", clip: 1, step: 10 });
  expect(scales.magnitude(b, 0)).toEqual({ level: 4, sum: 60, share: 4 / 32 });
});
