import type { Diverging, Sequential } from "#src/math/colour";
import { EVERYTHING, type Find, type Pins } from "#src/state/find";
import type { Sides } from "#src/state/sides";

/** What neighbouring columns differ in; "steps" is a film strip of each method and run. */
export type Across = "runs" | "methods" | "steps";
export const ACROSS: readonly Across[] = ["runs", "methods", "steps"];

/**
 * What a colour scale's ends are pooled from: all steps; the examples on screen; the step on screen; each map by itself;
 * all steps, after each map was divided by its sum of |scores|; or what a person set.
 */
export type Scope = "series" | "visible" | "step" | "image" | "share" | "manual";
/** In the order of the key. */
export const SCOPES: readonly Scope[] = ["series", "visible", "step", "image", "share", "manual"];

/** What a person chose. Everything else on the page is derived from this and from the data. */
export interface Selection extends Find {
  /** Runs on screen; null: the page's choice. */
  readonly runs: readonly string[] | null;
  /** Methods on screen, without their target; null: the page's choice. */
  readonly methods: readonly string[] | null;
  /** The part of a tag behind "/"; null: the page's choice. */
  readonly target: string | null;
  readonly across: Across;
  /** Of two columns; null: none. */
  readonly difference: Sides | null;
  /** The step a person set; null follows the latest one. */
  readonly step: number | null;
  /** The strip of curves is open. */
  readonly curves: boolean;
  /** Which of the curves is shown; null: the first there is. */
  readonly curve: string | null;
  /** The step at which rows are found and sorted; null: the one on screen. */
  readonly rowsStep: number | null;
  /** Rows that stand first, whatever is looked for. */
  readonly pins: Pins;
  /** Which of a model's inputs is shown; null: the one that its probe is about. */
  readonly input: number | null;
  /** Negative parts of class activation maps are dropped. */
  readonly relu: boolean;
  /** Cells as they are stored, without smoothing. */
  readonly cells: boolean;
  /** The heat lies over the input; otherwise it stands alone. */
  readonly overlay: boolean;
  /** 0..1, of the heat over a picture. */
  readonly opacity: number;
  readonly diverging: Diverging;
  readonly sequential: Sequential;
  /** What the ends of the colour scale are taken from. */
  readonly scope: Scope;
  /** Ends of scales that a person set, by tag; > 0. The others end where those of the whole series do. */
  readonly ends: Readonly<Record<string, number>>;
  /** Colours follow |value / end| ** gamma. */
  readonly gamma: number;
  /** Share of |a| that the bar reaches, 0..1. */
  readonly clip: number;
  /** Side of a picture on screen, CSS pixels. */
  readonly tile: number;
}

export const DEFAULTS: Selection = {
  ...EVERYTHING,
  runs: null,
  methods: null,
  target: null,
  across: "runs",
  difference: null,
  step: null,
  curves: false,
  curve: null,
  rowsStep: null,
  pins: {},
  input: null,
  relu: true,
  cells: false,
  overlay: true,
  opacity: 0.9,
  diverging: "RdBu",
  sequential: "viridis",
  scope: "series",
  ends: {},
  gamma: 1,
  clip: 0.99,
  tile: 144,
};

export const CLIPS: readonly number[] = [0.95, 0.99, 0.999, 1];
export const GAMMAS: readonly number[] = [0.5, 0.7, 1, 1.4, 2];
export const TILES: readonly number[] = [96, 144, 224, 320, 448];

/** Drops names that are all there, else adds those that are missing; `shown` is what the page shows now. */
function toggled(shown: readonly string[], names: readonly string[]): string[] {
  const missing = names.filter((name) => !shown.includes(name));
  return missing.length === 0 ? shown.filter((name) => !names.includes(name)) : [...shown, ...missing];
}

/** One run, or the runs of a group together. */
export function toggleRuns(selection: Selection, shown: readonly string[], runs: readonly string[]): Selection {
  return { ...selection, runs: toggled(shown, runs) };
}

/** The last method stays: a page without columns says nothing. */
export function toggleMethod(selection: Selection, shown: readonly string[], method: string): Selection {
  const methods = toggled(shown, [method]);
  return methods.length === 0 ? selection : { ...selection, methods };
}

/** Sets the step; reaching the last one follows the latest from then on. */
export function setStep(selection: Selection, steps: readonly number[], index: number): Selection {
  const bounded = Math.min(steps.length - 1, Math.max(0, index));
  return { ...selection, step: bounded === steps.length - 1 ? null : (steps[bounded] ?? null) };
}

/** The scope after this one, and after the last the first. */
export function nextScope(selection: Selection): Selection {
  return { ...selection, scope: SCOPES[(SCOPES.indexOf(selection.scope) + 1) % SCOPES.length]! };
}

/** Shares and back. */
export function toggleShare(selection: Selection): Selection {
  return { ...selection, scope: selection.scope === "share" ? DEFAULTS.scope : "share" };
}

/** The end that a person set; undefined for the other scales. */
export function endOf({ ends }: Pick<Selection, "ends">, tag: string): number | undefined {
  return Object.hasOwn(ends, tag) ? ends[tag] : undefined; // tags come from a log
}

/** Sets the end of one scale by hand. */
export function setEnd(selection: Selection, tag: string, end: number): Selection {
  return { ...selection, scope: "manual", ends: { ...selection.ends, [tag]: end } };
}
