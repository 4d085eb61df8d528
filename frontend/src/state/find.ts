/** Whether the predicted class is the true one. */
export type Outcome = "all" | "wrong" | "right";
export const OUTCOMES: readonly Outcome[] = ["all", "wrong", "right"];

/** Both ends belong to it; an open end is infinite. */
export type Range = readonly [low: number, high: number];
export const ANY: Range = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** What rows are sorted by; "id" is the order of the probe. */
export type By = "id" | "name" | "label" | "prediction" | "outcome" | "probability" | "residual" | "drift";
export const BYS: readonly By[] = ["id", "name", "label", "prediction", "outcome", "probability", "residual", "drift"];

/** Ascending, or with a minus descending. */
export type Sort = By | `-${By}`;
export const SORTS: readonly Sort[] = BYS.flatMap((by): Sort[] => [by, `-${by}`]);

/** Which examples are on screen, and in which order. */
export interface Find {
  readonly outcome: Outcome;
  /** True class; null: any. */
  readonly label: number | null;
  /** Predicted class; null: any. */
  readonly prediction: number | null;
  /** Of the target. */
  readonly probability: Range;
  /** |residual|, in the unit that the method gives it. */
  readonly residual: Range;
  /** Part of a name or of the tokens, or "#" and the example's number. */
  readonly text: string;
  readonly sort: Sort;
}

export const EVERYTHING: Find = {
  outcome: "all",
  label: null,
  prediction: null,
  probability: ANY,
  residual: ANY,
  text: "",
  sort: "id",
};

export const FIND_NAMES = Object.keys(EVERYTHING) as (keyof Find)[];

/** Pinned examples by the hash of their probe, in the order of the probe. */
export type Pins = Readonly<Record<string, readonly number[]>>;

function isOpen([low, high]: Range): boolean {
  return low === ANY[0] && high === ANY[1];
}

/** Whether any example may be left out. */
export function filters(find: Find): boolean {
  const { outcome, label, prediction, probability, residual, text } = find;
  const classes = outcome !== "all" || label !== null || prediction !== null;
  return classes || !isOpen(probability) || !isOpen(residual) || text.trim() !== "";
}

export function byOf(sort: Sort): By {
  return sort.replace(/^-/, "") as By;
}

export function isDescending(sort: Sort): boolean {
  return sort.startsWith("-");
}

/** The other direction. */
export function reversed(sort: Sort): Sort {
  return isDescending(sort) ? byOf(sort) : (`-${sort}` as Sort);
}

const OF_A_STEP: ReadonlySet<By> = new Set(["prediction", "outcome", "probability", "residual", "drift"]);

/** Whether the answer depends on a step, and not on the probe alone. */
export function needsStep({ outcome, prediction, probability, residual, sort }: Find): boolean {
  const filtered = outcome !== "all" || prediction !== null || !isOpen(probability) || !isOpen(residual);
  return filtered || OF_A_STEP.has(byOf(sort));
}

/** Whether the answer depends on how wrong a method says that it is. */
export function findsByResidual({ residual, sort }: Pick<Find, "residual" | "sort">): boolean {
  return !isOpen(residual) || byOf(sort) === "residual";
}

/** Pins an example, or takes the pin away. */
export function togglePin(pins: Pins, hash: string, example: number): Pins {
  const { [hash]: own = [], ...others } = pins;
  const rest = own.filter((pinned) => pinned !== example);
  const now = rest.length === own.length ? [...own, example].sort((a, b) => a - b) : rest;
  return now.length === 0 ? others : { ...others, [hash]: now };
}
