import { expect, test } from "vitest";
import { Layer } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import type { StoredMaps } from "#src/data/maps";
import { frames } from "#src/widgets/frames";

const KIND = { methodShape: [2, 2], errorWords: "std. error" };

function stored(layer: Layer, shape: number[], ...rows: number[][]): StoredMaps {
  const bounds = (index: number) => (cell: number) => 10 * index + cell;
  const values = (index: number) => Float32Array.from(rows[index]!);
  return { layer, input: 0, shape, count: rows.length, thumbnail: false, bytes: 0, values, bounds };
}

const map = { maps: stored(Layer.SCORES, [2, 2], [0, 0, 0, 0], [1, 2, 3, 4]), index: 1 };
const values = { maps: stored(Layer.SEGMENTS, [3], [0, 0, 0], [-1, 5, Number.NaN]), index: 1 };
const errors = { maps: stored(Layer.ERRORS, [3], [0, 0, 0], [0.5, 0.25, Number.NaN]), index: 1 };
const segments = { shape: [1, 4], ids: (example: number) => Int32Array.of(1, 1, 0, example) };

test("cells of a map keep their own values and bounds", () => {
  const frame = frames(0)({ map }, KIND, { input: undefined, segments: undefined });
  expect([...frame.values]).toEqual([1, 2, 3, 4]);
  expect([frame.shape, frame.groups, frame.errors, frame.bound(2)]).toEqual([[2, 2], undefined, undefined, 12]);
});

test("where it is known which cells a segment has, each has its value, bound and error", () => {
  const tile = { map, errors, segments: values };
  const frame = frames(0)(tile, KIND, { input: undefined, segments });
  expect(frame.shape).toEqual([1, 4]);
  expect([...frame.values]).toEqual([5, 5, -1, -1]);
  expect([...frame.errors!.values]).toEqual([0.25, 0.25, 0.5, 0.5]);
  expect([frame.bound(0), frame.bound(2)]).toEqual([11, 10]);
  expect([...frame.groups!.values]).toEqual([-1, 5]); // of those that there are: not the third
});

test("a cell of no segment is drawn as nothing, and is none of the segments", () => {
  const frame = frames(-1)({ map, errors, segments: values }, KIND, { input: undefined, segments });
  expect([...frame.values]).toEqual([5, 5, -1, 0]);
  expect([...frame.errors!.values]).toEqual([0.25, 0.25, 0.5, 0]);
  expect(frame.bound(3)).toBe(0);
  expect([...frame.groups!.values]).toEqual([-1, 5]);
});

test("an id without a value is no number", () => {
  const frame = frames(9)({ map, segments: values }, KIND, { input: undefined, segments });
  expect([...frame.values]).toEqual([5, 5, -1, Number.NaN]);
});

test("the same map is read once", () => {
  const read = frames(0);
  const tile = { map };
  const companions = () => ({ input: undefined, segments: undefined });
  expect(read(tile, KIND, companions())).toBe(read(tile, KIND, companions()));
  expect(read({ map }, KIND, companions())).not.toBe(read(tile, KIND, companions()));
});
