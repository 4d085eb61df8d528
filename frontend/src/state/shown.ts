import { computed, type ReadonlySignal } from "@preact/signals";
import type { Index, Run } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { type Column, columnsOf, type Section, sections, shownRuns, stepIndex, stepsOf } from "#src/state/columns";
import { known, type Loaded } from "#src/state/loaded";
import { runColours } from "#src/state/run_colours";
import type { Selection } from "#src/state/selection";
import { type Pair, pairOf } from "#src/state/sides";
import { stable } from "#src/state/stable";

const NOTHING: readonly Run[] = [];

function makesSameColumns(a: Selection, b: Selection): boolean {
  return (
    a.runs === b.runs &&
    a.methods === b.methods &&
    a.target === b.target &&
    a.across === b.across &&
    (a.step === b.step || a.across !== "steps")
  );
}

/** What is on screen: derived from the index and from what a person chose, and from nothing else. */
export class Shown {
  readonly runs: ReadonlySignal<readonly Run[]>;
  /** Of every run there is, so that choosing runs changes none. */
  readonly colours: ReadonlySignal<ReadonlyMap<string, string>>;
  readonly sections: ReadonlySignal<readonly Section[]>;
  readonly columns: ReadonlySignal<readonly Column[]>;
  /** What a difference is made of; undefined where none is asked for, or a side is not on screen. */
  readonly pair: ReadonlySignal<Pair | undefined>;
  /** Every column of which a map is shown, or goes into one that is. */
  readonly drawn: ReadonlySignal<readonly Column[]>;
  /** Every step that any column has, ascending. */
  readonly steps: ReadonlySignal<readonly number[]>;
  /** Index of the step on screen within `steps`; -1 when there is none. */
  readonly at: ReadonlySignal<number>;
  /** The step on screen; NaN when there is none. */
  readonly step: ReadonlySignal<number>;

  constructor(index: ReadonlySignal<Loaded<Index>>, selection: ReadonlySignal<Selection>) {
    // A column is a new object whenever it is made, and its tiles draw again: only what columns are made of counts.
    const chosen = stable(() => selection.value, makesSameColumns);
    this.runs = computed(() => {
      const found = known(index.value);
      return found === undefined ? NOTHING : shownRuns(found, chosen.value);
    });
    this.colours = computed(() => runColours(known(index.value)?.runs.map(({ run }) => run) ?? []));
    this.sections = computed(() => {
      const found = known(index.value);
      return found === undefined ? [] : sections(found, chosen.value);
    });
    this.columns = computed(() => columnsOf(this.sections.value));
    const difference = computed(() => selection.value.difference);
    this.pair = computed(() => pairOf(this.runs.value, chosen.value, difference.value));
    this.drawn = computed(() => [...this.columns.value, ...Object.values(this.pair.value ?? {})]);
    this.steps = computed(() => stepsOf(this.columns.value));
    this.at = computed(() => stepIndex(this.steps.value, selection.value));
    this.step = computed(() => this.steps.value[this.at.value] ?? Number.NaN);
  }

  /** The step that a column is asked to show: its own, or the one on screen. */
  stepOf(column: Column): number {
    return column.step ?? this.step.value;
  }
}
