import type { ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { type By, byOf, type Find, isDescending, type Range } from "#src/state/find";
import { type SeriesStats, StatColumn } from "#src/state/series_stats";

/** What rows are found and sorted by, of one example at one step; NaN for what is not known. */
export interface Facts {
  readonly label: number;
  /** Predicted class, or value of a regression. */
  readonly prediction: number;
  /** Undefined where there are no classes or no labels. */
  readonly wrong: boolean | undefined;
  /** Of the target, 0..1. */
  readonly probability: number;
  /** Size of the method's own error. */
  readonly residual: number;
  readonly drift: number;
}

/** The part of a probe that rows are found by. */
export type ProbeNames = Pick<ProbeBlob, "names" | "labels" | "tokens">;

/** @param stats undefined where nothing of a step is asked for, or none is there. */
export function factsOf(probe: ProbeNames, stats: SeriesStats | undefined, step: number, example: number): Facts {
  const at = (column: Parameters<SeriesStats["at"]>[2]) => stats?.at(step, example, column) ?? Number.NaN;
  const label = probe.labels[example] ?? Number.NaN;
  const prediction = at(StatColumn.STAT_PREDICTION);
  const classes = !Number.isNaN(at(StatColumn.STAT_PREDICTION_PROBABILITY));
  return {
    label,
    prediction,
    wrong: classes && !Number.isNaN(label) ? prediction !== label : undefined,
    probability: at(StatColumn.STAT_TARGET_PROBABILITY),
    residual: Math.abs(at(StatColumn.STAT_RESIDUAL)),
    drift: at(StatColumn.STAT_DRIFT),
  };
}

/** Of every example of a probe that has labels. */
export function allFacts(probe: ProbeNames, stats: SeriesStats | undefined, step: number): Facts[] {
  return probe.labels.map((_, example) => factsOf(probe, stats, step, example));
}

/** What is not known lies in no range but the open one. */
function lies(value: number, [low, high]: Range): boolean {
  return (low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY) || (value >= low && value <= high);
}

/** Matches names and tokens, with and without space between tokens; "#12" is the example of that number alone. */
function says(probe: ProbeNames, wanted: string): (example: number) => boolean {
  const text = wanted.trim().toLowerCase();
  if (text === "") {
    return () => true;
  }
  if (/^#\d+$/.test(text)) {
    return (example) => `#${example}` === text;
  }
  return (example) => {
    const tokens = probe.tokens[example]?.tokens ?? [];
    return [probe.names[example] ?? "", tokens.join(" "), tokens.join("")].some((one) =>
      one.toLowerCase().includes(text),
    );
  };
}

function keeps(find: Find, facts: Facts): boolean {
  return (
    (find.outcome === "all" || facts.wrong === (find.outcome === "wrong")) &&
    (find.label === null || facts.label === find.label) &&
    (find.prediction === null || facts.prediction === find.prediction) &&
    lies(facts.probability, find.probability) &&
    lies(facts.residual, find.residual)
  );
}

const NAMES = new Intl.Collator("en", { numeric: true });

function numberOf(by: By, facts: Facts, example: number): number {
  switch (by) {
    case "id":
    case "name":
      return example;
    case "outcome":
      return facts.wrong === undefined ? Number.NaN : Number(!facts.wrong); // wrong ones first
    default:
      return facts[by];
  }
}

/** What is not known comes last in both directions; what is equal stays in the order of the probe. */
function sorted(probe: ProbeNames, find: Find, examples: number[], facts: ReadonlyMap<number, Facts>): number[] {
  const by = byOf(find.sort);
  const sign = isDescending(find.sort) ? -1 : 1;
  if (by === "name") {
    const name = (example: number) => probe.names[example] ?? "";
    return examples.sort((a, b) => sign * NAMES.compare(name(a), name(b)) || a - b);
  }
  const keys = new Map(examples.map((example) => [example, numberOf(by, facts.get(example)!, example)]));
  const place = (a: number, b: number) => {
    const [x, y] = [keys.get(a)!, keys.get(b)!];
    return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || (x === y ? 0 : sign * (x - y)) || a - b;
  };
  return examples.sort(place);
}

/** Examples as they stand on the page. */
export interface Rows {
  /** The pinned ones, whether they match or not, then the others that match. */
  readonly examples: readonly number[];
  /** How many of the probe match. */
  readonly matching: number;
  /** How many stand first because they are pinned. */
  readonly pinned: number;
}

/**
 * @param count examples of the probe.
 * @param stats of the column that examples are judged by.
 * @param step the step, of those that the column has, at which they are judged.
 */
export function rowsOf(
  probe: ProbeNames,
  count: number,
  stats: SeriesStats | undefined,
  step: number,
  find: Find,
  pins: readonly number[],
): Rows {
  const matches = says(probe, find.text);
  const facts = new Map<number, Facts>();
  const matching: number[] = [];
  const first = new Set(pins.filter((example) => example < count));
  for (let example = 0; example < count; example++) {
    const own = factsOf(probe, stats, step, example);
    const kept = keeps(find, own) && matches(example);
    if (kept) {
      matching.push(example);
    }
    if (kept || first.has(example)) {
      facts.set(example, own);
    }
  }
  const order = (examples: number[]) => sorted(probe, find, examples, facts);
  const others = matching.filter((example) => !first.has(example));
  return { examples: [...order([...first]), ...order(others)], matching: matching.length, pinned: first.size };
}
