import { Layer } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import type { MapKey, StoredElement } from "#src/data/map_store";
import type { StoredMaps } from "#src/data/maps";
import { nearestEarlier } from "#src/math/steps";
import { type Column, loggedTag } from "#src/state/columns";

/** The step a column really shows when the page is at `step`; undefined when its first step is later. */
export function shownStep(column: Column, step: number): { step: number; wallTime: number } | undefined {
  const at = nearestEarlier(column.series?.steps ?? [], step);
  const shown = column.series?.steps[at];
  return shown === undefined ? undefined : { step: shown, wallTime: column.series?.wallTimes[at] ?? 0 };
}

/** Whether a column goes on showing an earlier step, for want of a map of the one asked for. */
export function holds(column: Column, step: number): boolean {
  const shown = shownStep(column, step);
  return shown !== undefined && shown.step !== step;
}

/** Where an element of a column's step is kept; undefined when the column has no such step. */
export function keyOf(column: Column, step: number, element: number): MapKey | undefined {
  const shown = shownStep(column, step);
  const inputs = column.series?.maps?.grids.length ?? 0;
  return shown && { run: column.run.run, tag: loggedTag(column), ...shown, element, inputs };
}

/** One example's map as stored. */
export interface StoredMap {
  readonly maps: StoredMaps;
  readonly index: number;
}

/** A map with what else is stored of the same example and step. */
export interface StoredTile {
  readonly map: StoredMap;
  /** An error per value, or per segment. */
  readonly errors?: StoredMap;
  /** A value per segment, of all inputs together. */
  readonly segments?: StoredMap;
  readonly note?: string;
}

/** What a tile shows: a map, or words on why there is none (yet). */
export type TileMap = StoredTile | { readonly words: string; readonly failed: boolean };

function isSameMap(a: StoredMap | undefined, b: StoredMap | undefined): boolean {
  return a?.maps === b?.maps && a?.index === b?.index;
}

/** Whether two show the same: then nothing has to be drawn again. */
export function isSameTile(a: TileMap, b: TileMap): boolean {
  if ("map" in a && "map" in b) {
    return (["map", "errors", "segments"] as const).every((one) => isSameMap(a[one], b[one])) && a.note === b.note;
  }
  return "words" in a && "words" in b && a.words === b.words && a.failed === b.failed;
}

function find(element: StoredElement | undefined, layer: Layer, input: number, index: number): StoredMap | undefined {
  if (element === undefined || "error" in element) {
    return undefined;
  }
  const maps = element.parts.find((part) => part.layer === layer && part.input === input);
  return maps !== undefined && index < maps.count ? { maps, index } : undefined;
}

function tileIn(element: StoredElement | undefined, input: number, index: number): StoredTile | undefined {
  const map = find(element, Layer.SCORES, input, index);
  const segments = find(element, Layer.SEGMENTS, 0, index);
  const errors = find(element, Layer.ERRORS, segments === undefined ? input : 0, index);
  return map && { map, ...(errors && { errors }), ...(segments && { segments }) };
}

/**
 * The best map there is of an example: its own element where it has arrived, else its part of the atlas.
 *
 * @param atlas element 0 of the step; @param own element 1 + example.
 */
export function tileMap(
  atlas: StoredElement | undefined,
  own: StoredElement | undefined,
  input: number,
  example: number,
): TileMap {
  const whole = tileIn(own, input, 0);
  if (whole !== undefined) {
    return whole;
  }
  const tile = tileIn(atlas, input, example);
  if (tile !== undefined) {
    return own !== undefined && "error" in own ? { ...tile, note: `thumbnail only: ${own.error}` } : tile;
  }
  if (atlas === undefined) {
    return { words: "loading", failed: false };
  }
  if ("error" in atlas) {
    return { words: atlas.error, failed: true };
  }
  return { words: `the stored step holds no map of example ${example}`, failed: true };
}
