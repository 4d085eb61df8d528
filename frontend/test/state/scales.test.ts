import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { LOADING, type Loaded, ready } from "#src/state/loaded";
import { Scales } from "#src/state/scales";
import { DEFAULTS } from "#src/state/selection";
import type { SeriesStats } from "#src/state/series_stats";
import { Shown } from "#src/state/shown";
import { indexOf } from "./index_fixture";

// Octaves from 1 on: all values in 2^at .. 2^(at + 1), so that the largest is 2^(at + 1).
function stats(at: number): Loaded<SeriesStats> {
  const bins = new Float64Array(8);
  bins[at] = 100;
  const histogram = { lowExponent: 0, perOctave: 1, zeros: 0, nonfinite: 0, bins };
  return ready({
    steps: [],
    histogram,
    at: () => Number.NaN,
    quantileAt: () => Number.NaN,
    clippedAt: () => Number.NaN,
    problems: [],
  });
}

function scene() {
  const index = indexOf({ a: [{ tag: "ig" }], b: [{ tag: "ig" }] });
  const selection = signal({ ...DEFAULTS, clip: 1 });
  const known = signal<Record<string, Loaded<SeriesStats>>>({ a: LOADING, b: LOADING });
  const shown = new Shown(signal(ready(index)), selection);
  const scales = new Scales(shown, selection, (column) => known.value[column.run.group]!);
  scales.follow();
  return { scales, known, selection };
}

test("a scale waits for all runs, then pools them", () => {
  const { scales, known } = scene();
  known.value = { a: stats(1), b: LOADING };
  expect(scales.of("ig")).toBeUndefined();
  known.value = { a: stats(1), b: stats(3) };
  expect(scales.of("ig")).toMatchObject({ vmax: 16, signed: true, known: true, clipped: 0 });
});

test("new steps leave the scale alone until somebody asks", () => {
  const { scales, known } = scene();
  known.value = { a: stats(1), b: stats(1) };
  known.value = { a: stats(1), b: stats(4) };
  expect([scales.of("ig")?.vmax, scales.of("ig")?.clipped, scales.pending("ig")]).toEqual([4, 0.5, 32]);
  scales.rescale("ig");
  expect([scales.of("ig")?.vmax, scales.pending("ig")]).toEqual([32, undefined]);
});

test("a run whose numbers cannot be read leaves the scale to the others", () => {
  const { scales, known } = scene();
  known.value = { a: stats(2), b: { state: "failed", words: "corrupt" } };
  expect(scales.of("ig")?.vmax).toBe(8);
});

test("all zero: no scale is made up", () => {
  const { scales, known } = scene();
  const zero = stats(0);
  (zero as { value: SeriesStats }).value.histogram!.bins[0] = 0;
  known.value = { a: zero, b: zero };
  expect(scales.of("ig")).toMatchObject({ known: false, vmax: 1 });
});
