import type { MapKey } from "#src/data/map_store";
import { histogramOf, minus } from "#src/math/difference";
import type { LogHistogram } from "#src/math/histogram";
import { spread } from "#src/math/steps";
import { inputOf } from "#src/state/columns";
import type { Pair } from "#src/state/sides";
import { keyOf, shownStep } from "#src/state/tile";

/** Steps whose differences the scale is made of. */
const STEPS = 16;
/** An element of all examples holds no more of each. */
const CELLS = 64 * 64;
/** Bytes of both sides at these steps; the page keeps three times as many. */
const BYTES = 2 ** 26;
/** Differences that are counted, at 20 million a second. */
const VALUES = 2 ** 21;

/** What is fetched, once, for the scale of a difference. */
export interface Plan {
  readonly pair: Pair;
  /** Steps of the page, evenly apart. */
  readonly steps: readonly number[];
  /** How many steps there were to choose from. */
  readonly of: number;
  readonly examples: readonly number[];
  /** Elements of both sides. */
  readonly keys: readonly MapKey[];
}

/** |B - A| over the steps of a plan. */
export interface Pooled {
  readonly histogram: LogHistogram;
  /** How many of the plan's steps could be read. */
  readonly steps: number;
  /** What was subtracted were thumbnails of larger maps. */
  readonly thumbnails: boolean;
}

/** Steps of the page at which the difference is of other maps than before. */
export function stepsOfPair({ a, b }: Pair, steps: readonly number[]): number[] {
  const seen = new Set<string>();
  return steps.filter((step) => {
    const [x, y] = [a, b].map((column) => shownStep(column, column.step ?? step)?.step);
    const name = `${x}/${y}`;
    const fresh = x !== undefined && y !== undefined && !seen.has(name);
    seen.add(name);
    return fresh;
  });
}

export function planOf(pair: Pair, all: readonly number[], input: number | null): Plan {
  const maps = pair.a.series?.maps;
  const shape = maps?.grids[inputOf(pair.a, input)]?.shape ?? [];
  const examples = maps?.examples ?? 0;
  const cells = Math.min(
    CELLS,
    shape.reduce((product, side) => product * Math.max(1, side), 1),
  );
  const there = stepsOfPair(pair, all);
  const most = Math.max(2, Math.min(STEPS, Math.floor(BYTES / (2 * cells * Math.max(1, examples)))));
  const steps = spread(there.length, most).map((at) => there[at]!);
  const keys = [pair.a, pair.b].flatMap((column) =>
    steps.flatMap((step) => keyOf(column, column.step ?? step, 0) ?? []),
  );
  const counted = Math.max(2, Math.floor(VALUES / (cells * Math.max(1, steps.length))));
  return { pair, steps, of: there.length, examples: spread(examples, counted), keys };
}

/** Values of both sides; words where there are none and will be none; undefined while they are on their way. */
export type Read =
  | { readonly a: Float32Array; readonly b: Float32Array; readonly thumbnails: boolean }
  | "none"
  | undefined;

/** Undefined while a map of the plan is on its way. */
export function poolOf(plan: Plan, read: (step: number, example: number) => Read): Pooled | undefined {
  const readable = new Set<number>();
  const differences: Float32Array[] = [];
  let thumbnails = false;
  for (const step of plan.steps) {
    for (const example of plan.examples) {
      const both = read(step, example);
      if (both === undefined) {
        return undefined;
      }
      if (both !== "none") {
        readable.add(step);
        differences.push(minus(both.b, both.a));
        thumbnails ||= both.thumbnails;
      }
    }
  }
  return { histogram: histogramOf(differences), steps: readable.size, thumbnails };
}
