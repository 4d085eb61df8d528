import { expect, test } from "vitest";
import { Layer } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import type { StoredMaps } from "#src/data/maps";
import { columnsOf, sections } from "#src/state/columns";
import { DEFAULTS } from "#src/state/selection";
import { holds, isSameTile, keyOf, shownStep, tileMap } from "#src/state/tile";
import { indexOf } from "./index_fixture";

const [COLUMN] = columnsOf(sections(indexOf({ a: [{ tag: "ig", steps: [10, 20] }] }), DEFAULTS));

function maps(count: number, thumbnail: boolean, input = 0, layer = Layer.SCORES): StoredMaps {
  return {
    layer,
    input,
    shape: [1],
    count,
    thumbnail,
    bytes: 0,
    values: () => new Float32Array(1),
    bounds: () => () => 0,
  };
}

test("a run without the step shows the nearest earlier one, and none before its first", () => {
  expect(shownStep(COLUMN!, 15)).toEqual({ step: 10, wallTime: 1010 });
  expect(shownStep(COLUMN!, 9)).toBeUndefined();
  expect([9, 10, 15, 20, 25].map((step) => holds(COLUMN!, step))).toEqual([false, false, true, false, true]);
  const key = { run: "a/attribution", tag: "ig", step: 20, wallTime: 1020, element: 3, inputs: 0 };
  expect(keyOf(COLUMN!, 25, 3)).toEqual(key);
});

test("an example's own map replaces its thumbnail; the thumbnail serves until then", () => {
  const thumbnails = maps(4, true);
  const own = maps(1, false);
  expect(tileMap({ parts: [thumbnails] }, undefined, 0, 2)).toEqual({ map: { maps: thumbnails, index: 2 } });
  expect(tileMap({ parts: [thumbnails] }, { parts: [own] }, 0, 2)).toEqual({ map: { maps: own, index: 0 } });
  expect(tileMap({ parts: [thumbnails] }, { error: "corrupt" }, 0, 2)).toEqual({
    map: { maps: thumbnails, index: 2 },
    note: "thumbnail only: corrupt",
  });
});

test("errors of the same example stand beside its map", () => {
  const [scores, errors] = [maps(4, false), maps(4, false, 0, Layer.ERRORS)];
  const tile = { map: { maps: scores, index: 2 }, errors: { maps: errors, index: 2 } };
  expect(tileMap({ parts: [errors, scores] }, undefined, 0, 2)).toEqual(tile);
  expect(isSameTile(tile, { map: tile.map })).toBe(false);
});

test("values of segments stand with the first input, and so do their errors", () => {
  const all = [
    maps(4, false, 1),
    maps(4, false, 0, Layer.SEGMENTS),
    maps(4, false, 0, Layer.ERRORS),
    maps(4, false, 1, Layer.ERRORS),
  ];
  const [map, segments, errors] = all.map((one) => ({ maps: one, index: 3 }));
  expect(tileMap({ parts: all }, undefined, 1, 3)).toEqual({ map, segments, errors });
});

test("a corrupt atlas is named; an example beyond it is said to be missing", () => {
  expect(tileMap({ error: "checksum" }, undefined, 0, 0)).toEqual({ words: "checksum", failed: true });
  expect(tileMap({ parts: [maps(2, false)] }, undefined, 0, 5)).toMatchObject({ failed: true });
  expect(tileMap(undefined, undefined, 0, 0)).toMatchObject({ failed: false });
});

test("a tile is the same while it shows the same map with the same words", () => {
  const [one, other] = [maps(4, true), maps(4, true)];
  const tile = { map: { maps: one, index: 2 } };
  expect(isSameTile(tile, { map: { maps: one, index: 2 } })).toBe(true);
  expect(isSameTile(tile, { map: { maps: one, index: 1 } })).toBe(false);
  expect(isSameTile(tile, { map: { maps: other, index: 2 } })).toBe(false);
  expect(isSameTile(tile, { ...tile, note: "thumbnail only" })).toBe(false);
  expect(isSameTile(tile, { words: "loading", failed: false })).toBe(false);
  expect(isSameTile({ words: "loading", failed: false }, { words: "loading", failed: false })).toBe(true);
  expect(isSameTile({ words: "loading", failed: false }, { words: "loading", failed: true })).toBe(false);
});
