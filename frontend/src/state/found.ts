import { effect, type ReadonlySignal } from "@preact/signals";
import { remembered } from "#src/math/remembered";
import type { Column, Section } from "#src/state/columns";
import { EVERYTHING, FIND_NAMES, type Find, filters, findsByResidual, needsStep } from "#src/state/find";
import { known } from "#src/state/loaded";
import { partsOf } from "#src/state/parts";
import { type Rows, rowsOf } from "#src/state/rows";
import type { Selection } from "#src/state/selection";
import type { Session } from "#src/state/session";
import { shownStep } from "#src/state/tile";

/** A probe of more examples than this is not one that a person looks through; a log that claims so may lie. */
const MOST = 10_000;
const NO_PINS: readonly number[] = [];
const NO_PROBE = { names: [], labels: [], tokens: [] };

/** Rows of a section, of how many examples, and how many of these are past the most; or words on why they cannot be told. */
export type Found = { readonly rows: Rows; readonly of: number; readonly past: number } | { readonly words: string };

/** What rows are made of. */
export interface RowSources extends Pick<Session, "selection" | "statsOf" | "update"> {
  readonly shown: Pick<Session["shown"], "sections" | "step">;
  readonly probes: Pick<Session["probes"], "get">;
}

/** The first column of the run that examples are judged by whose method says how wrong it is. */
export function sayingError(section: Section): Column | undefined {
  const first = section.columns.find((column) => column.series !== undefined);
  return section.columns.find(({ run, series }) => run === first?.run && series?.maps?.errorKind);
}

/**
 * The column that the examples of a section are judged by: the first that there is, or, where it is of residuals and
 * the first has none, the first of its run that has.
 */
export function judge(section: Section, find: Pick<Find, "residual" | "sort">): Column | undefined {
  const erring = findsByResidual(find) ? sayingError(section) : undefined;
  return erring ?? section.columns.find((column) => column.series !== undefined);
}

/**
 * Rows of each section. They are judged at one step, which stays while a person scrubs and while steps come in, so that
 * rows do not move under the eye.
 */
export class FoundRows {
  /** By section. */
  readonly #known = new Map<string, ReturnType<typeof remembered<Found>>>();
  readonly #selection: ReadonlySignal<Pick<Selection, keyof Find | "rowsStep" | "pins">>;

  constructor(readonly session: RowSources) {
    this.#selection = partsOf(session.selection, [...FIND_NAMES, "rowsStep", "pins"]);
  }

  /** Reading it subscribes. The same object while nothing about it changes. */
  of(section: Section): Found {
    const { session } = this;
    const selection = this.#selection.value;
    const probe = session.probes.get(section.hash);
    const of = known(probe)?.examples ?? section.examples;
    const examples = Math.min(of, MOST);
    const column = judge(section, selection);
    const stats = needsStep(selection) && column !== undefined ? session.statsOf(column) : undefined;
    const asked = selection.rowsStep ?? session.shown.step.value;
    const step = (stats && column && shownStep(column, asked)?.step) ?? Number.NaN;
    const pins = selection.pins[section.hash] ?? NO_PINS;
    const from = [known(probe), of, stats, step, pins, ...FIND_NAMES.map((name) => selection[name])];
    const last = this.#known.get(section.hash) ?? remembered<Found>();
    this.#known.set(section.hash, last);
    return last(from, () => {
      const waits = probe.state === "loading" && (filters(selection) || selection.sort !== EVERYTHING.sort);
      if (waits || stats?.state === "loading") {
        return { words: "Reading what the examples are found by" };
      }
      if (stats?.state === "failed") {
        return { words: `The numbers that examples are found by cannot be read: ${stats.words}.` };
      }
      const rows = rowsOf(known(probe) ?? NO_PROBE, examples, stats && known(stats), step, selection, pins);
      return { rows, of, past: of - examples };
    });
  }

  /** Changes what is looked for; it is judged at the step on screen. */
  set(change: Partial<Find>): void {
    this.session.update((selection) => ({ ...selection, ...change, rowsStep: null }));
  }

  /** Judges again at the step on screen. */
  again(): void {
    this.set({});
  }

  /** Every example, in the order of the probe. */
  clear(): void {
    this.set(EVERYTHING);
  }

  /** Keeps the step at which rows are judged. Returns what stops it. */
  follow(): () => void {
    return effect(() => {
      const selection = this.session.selection.value;
      const step = this.session.shown.step.value;
      if (selection.rowsStep === null && needsStep(selection) && !Number.isNaN(step)) {
        this.session.update((now) => ({ ...now, rowsStep: step }));
      }
    });
  }
}
