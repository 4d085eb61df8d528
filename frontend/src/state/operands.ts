import { plane, relu } from "#src/math/grid";
import type { Loaded } from "#src/state/loaded";
import { type SeriesStats, StatColumn } from "#src/state/series_stats";
import { isSameTile, type StoredTile, type TileMap } from "#src/state/tile";

/** How maps become what is subtracted. */
export interface Treatment {
  /** Pictures draw the sum of their channels. */
  readonly picture: boolean;
  /** Negative parts are dropped. */
  readonly relu: boolean;
  /** Without a sign, two unrelated maps are alike unless their means are taken away. */
  readonly centred: boolean;
}

/** A map of one side, and what it is divided by: 1, or its sum of |scores|. */
export interface Operand {
  readonly tile: StoredTile;
  readonly divisor: number;
  /** Class that is explained; NaN where there is none. */
  readonly target: number;
}

/** Why there is nothing (yet). */
export interface Words {
  readonly words: string;
  readonly failed: boolean;
}

/** Maps of both sides, on one grid. */
export interface Operands {
  readonly a: Operand;
  readonly b: Operand;
}

/**
 * @param step the one that is shown.
 * @param shares what is subtracted are shares of each map's sum of |scores|.
 */
export function operandOf(
  shown: TileMap,
  stats: Loaded<SeriesStats>,
  step: number,
  example: number,
  shares: boolean,
): Operand | Words {
  if ("words" in shown) {
    return shown;
  }
  if (stats.state === "loading") {
    return { words: "loading", failed: false };
  }
  const at = (column: StatColumn.STAT_SUM_ABS | StatColumn.STAT_TARGET) =>
    stats.state === "ready" ? stats.value.at(step, example, column) : Number.NaN;
  const divisor = shares ? at(StatColumn.STAT_SUM_ABS) : 1;
  if (!(divisor > 0)) {
    const why = divisor === 0 ? "all scores are 0" : "its sum of |scores| is not known";
    return { words: `${why}: it has no shares`, failed: true };
  }
  return { tile: shown, divisor, target: at(StatColumn.STAT_TARGET) };
}

/** @param nameOf a class. */
export function operandsOf(
  a: Operand | Words,
  b: Operand | Words,
  nameOf: (target: number) => string,
): Operands | Words {
  if ("words" in a) {
    return { ...a, words: `A: ${a.words}` };
  }
  if ("words" in b) {
    return { ...b, words: `B: ${b.words}` };
  }
  if (a.target !== b.target && !(Number.isNaN(a.target) || Number.isNaN(b.target))) {
    return { words: `different targets: ${nameOf(a.target)} in A, ${nameOf(b.target)} in B`, failed: true };
  }
  return { a, b };
}

/** Whether their difference is the same: then nothing has to be drawn again. */
export function isSameDifference(one: Operands | Words, other: Operands | Words): boolean {
  if ("words" in one || "words" in other) {
    return "words" in one && "words" in other && one.words === other.words && one.failed === other.failed;
  }
  const isSame = (x: Operand, y: Operand) => isSameTile(x.tile, y.tile) && x.divisor === y.divisor;
  return isSame(one.a, other.a) && isSame(one.b, other.b);
}

/** Of what is subtracted. */
export function shapeOf({ tile }: Operand, { picture }: Treatment): readonly number[] {
  return picture ? tile.map.maps.shape.slice(0, 2) : tile.map.maps.shape;
}

function drawn(values: Float32Array, { tile }: Operand, { picture }: Treatment): Float32Array {
  return (picture && plane(values, tile.map.maps.shape)?.values) || values;
}

/** Scores or shares as they are drawn. */
export function valuesOf(operand: Operand, how: Treatment): Float32Array {
  const { maps, index } = operand.tile.map;
  const values = drawn(maps.values(index), operand, how);
  return (how.relu ? relu(values) : values).map((value) => value / operand.divisor);
}

/** How far each of these may be from what was asked for: by the way it is stored, and by the method's own error. */
export function noiseOf(operand: Operand, how: Treatment): Float32Array {
  const { map, errors } = operand.tile;
  const bound = map.maps.bounds(map.index);
  const own = errors?.maps.shape.join() === map.maps.shape.join() ? errors?.maps.values(errors.index) : undefined;
  const noise = map.maps.values(map.index).map((_, cell) => bound(cell) + (own?.[cell] ?? 0));
  return drawn(noise, operand, how).map((size) => size / operand.divisor);
}
