import { expect, test } from "vitest";
import { reading } from "#src/views/reading";
import type { Look } from "#src/views/view";

const LOOK: Look = {
  scale: { vmax: 2, signed: true, gamma: 1 },
  sum: undefined,
  colours: "RdBu",
  relu: false,
  cells: false,
  overlay: true,
  peek: false,
  tile: 144,
  window: { x: 0, y: 0, zoom: 1 },
  dark: false,
  order: undefined,
};
const among = Float32Array.of(0, 1, -2, 4);

test("a value is read with what it was rounded by and where it stands in its map", () => {
  expect(reading({ value: -1, bound: 0.00121, among }, LOOK)).toEqual({
    value: "−1.000",
    lines: ["−1.000  (50% of the scale)", "stored to within ±0.0013", "percentile 50 of |scores| of this map"],
  });
  expect(reading({ value: 4, bound: 0, among }, LOOK).lines).toEqual([
    "+4.000  (200% of the scale, beyond the bar)",
    "stored exactly",
    "the largest |score| of this map",
  ]);
});

test("an error of the method stands beside the value, and says where it drowns it", () => {
  const errors = [0.5, 1.5].map((value) => ({ value, words: "std. error" }));
  expect(errors.map((error) => reading({ value: -1, bound: 0, among, error }, LOOK).lines.at(-1))).toEqual([
    "std. error ±0.50",
    "std. error ±1.5; the score is below it",
  ]);
});

test("a segment's value is ranked among the values of segments", () => {
  const segment = { id: 7, count: 3 };
  expect(reading({ value: 2, bound: 0, among: Float32Array.of(1, 2, 4), segment }, LOOK).lines).toEqual([
    "+2.000  (100% of the scale)",
    "segment 7 (one of 3)",
    "stored exactly",
    "percentile 66.6 of |scores| of this map’s segments",
  ]);
});

test("what is in no segment has no value", () => {
  const segment = { id: -1, count: 3 };
  expect(reading({ value: 0, bound: 0, among, segment }, LOOK)).toEqual({
    value: "–",
    lines: ["in no segment: it always stays as it is"],
  });
});

test("what is not finite has neither bound nor place", () => {
  expect(reading({ value: Number.NaN, bound: Number.NaN, among }, LOOK)).toEqual({
    value: "NaN",
    lines: ["NaN: not finite"],
  });
});
