import { useMemo } from "preact/hooks";
import {
  BYS,
  type By,
  byOf,
  type Find,
  isDescending,
  OUTCOMES,
  type Outcome,
  reversed,
  type Sort,
} from "#src/state/find";
import { judge, sayingError } from "#src/state/found";
import { known } from "#src/state/loaded";
import { allFacts } from "#src/state/rows";
import { shownStep } from "#src/state/tile";
import { ClassChoice, RangeChoice } from "#src/widgets/find_choices";
import { FIND_BOX } from "#src/widgets/keys";
import type { Page } from "#src/widgets/page";

const OUTCOME_WORDS: Record<Outcome, string> = { all: "any", wrong: "wrong only", right: "right only" };

const BY_WORDS: Record<By, string> = {
  id: "number",
  name: "name",
  label: "true class",
  prediction: "prediction",
  outcome: "wrong or right",
  probability: "p(target)",
  residual: "size of residual",
  drift: "drift",
};

/** The direction that is asked for first: what is least sure, and what is worst. */
const FIRST: Record<By, Sort> = {
  id: "id",
  name: "name",
  label: "label",
  prediction: "prediction",
  outcome: "outcome",
  probability: "probability",
  residual: "-residual",
  drift: "-drift",
};

/** Sort orders as they read on the page. */
export function sortWords(sort: Sort): string {
  return `${BY_WORDS[byOf(sort)]}, ${isDescending(sort) ? "descending" : "ascending"}`;
}

/** Classes that occur, and the chosen one, ascending. */
export function classesOf(values: Iterable<number>, chosen: number | null): number[] {
  const found = new Set([...values].filter((value) => Number.isInteger(value) && value >= 0));
  return [...(chosen === null ? found : found.add(chosen))].sort((a, b) => a - b);
}

/** What there is to choose from, in every probe on screen, at the step that rows are judged at. */
function useChoices({ session }: Page, find: Find) {
  const asked = session.selection.value.rowsStep ?? session.shown.step.value;
  const sections = session.shown.sections.value;
  const from = sections.map((section) => {
    const column = judge(section, find);
    return {
      probe: known(session.probes.get(section.hash)),
      stats: column && known(session.statsOf(column)),
      step: (column && shownStep(column, asked)?.step) ?? Number.NaN,
    };
  });
  const facts = useMemo(
    () => from.flatMap(({ probe, stats, step }) => (probe === undefined ? [] : allFacts(probe, stats, step))),
    from.flatMap(({ probe, stats, step }) => [probe, stats, step]),
  );
  const judged = facts.filter(({ wrong }) => wrong !== undefined);
  return {
    probe: from.flatMap(({ probe }) => probe ?? [])[0],
    labels: classesOf(new Set(facts.map(({ label }) => label)), find.label),
    predictions: classesOf(new Set(judged.map(({ prediction }) => prediction)), find.prediction),
    judged: judged.length > 0,
    probabilities: facts.some(({ probability }) => !Number.isNaN(probability)),
    residuals: sections.some((section) => sayingError(section) !== undefined),
  };
}

/** What is looked for, and in which order. */
export function FindPanel({ page }: { page: Page }) {
  const { session, rows, current } = page;
  const find: Find = session.selection.value;
  const { probe, labels, predictions, judged, probabilities, residuals } = useChoices(page, find);
  if (probe === undefined) {
    return null;
  }
  return (
    <section class="panel find-panel">
      <h2>
        Find <kbd>/</kbd>
      </h2>
      <input
        id={FIND_BOX}
        class="find"
        type="search"
        aria-label="Find examples by name, token or number"
        placeholder="name, token or #12"
        value={find.text}
        onInput={({ currentTarget }) => rows.set({ text: currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            current.focus();
          }
        }}
      />
      {!judged && find.outcome === "all" ? null : (
        <label class="option spread">
          Outcome
          <select
            value={find.outcome}
            onChange={({ currentTarget }) => rows.set({ outcome: OUTCOMES[currentTarget.selectedIndex] ?? "all" })}
          >
            {OUTCOMES.map((outcome) => (
              <option key={outcome} value={outcome}>
                {OUTCOME_WORDS[outcome]}
              </option>
            ))}
          </select>
        </label>
      )}
      {labels.length === 0 ? null : (
        <ClassChoice
          label="True"
          value={find.label}
          classes={labels}
          probe={probe}
          choose={(label) => rows.set({ label })}
        />
      )}
      {predictions.length === 0 ? null : (
        <ClassChoice
          label="Predicted"
          value={find.prediction}
          classes={predictions}
          probe={probe}
          choose={(prediction) => rows.set({ prediction })}
        />
      )}
      {probabilities ? (
        <RangeChoice
          label="p(target)"
          value={find.probability}
          most={1}
          choose={(probability) => rows.set({ probability })}
        />
      ) : null}
      {residuals ? (
        <RangeChoice label="|residual|" value={find.residual} choose={(residual) => rows.set({ residual })} />
      ) : null}
      <div class="option spread">
        <label class="sort">
          Sort by
          <select
            value={byOf(find.sort)}
            onChange={({ currentTarget }) => rows.set({ sort: FIRST[BYS[currentTarget.selectedIndex] ?? "id"] })}
          >
            {BYS.map((by) => (
              <option key={by} value={by}>
                {BY_WORDS[by]}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="choice"
          aria-label={isDescending(find.sort) ? "Descending; press for ascending" : "Ascending; press for descending"}
          onClick={() => rows.set({ sort: reversed(find.sort) })}
        >
          {isDescending(find.sort) ? "↓" : "↑"}
        </button>
      </div>
    </section>
  );
}
