import { EVERYTHING, filters, needsStep } from "#src/state/find";
import { judge } from "#src/state/found";
import { sortWords } from "#src/widgets/find_panel";
import type { Page } from "#src/widgets/page";

/** "12 of 64 examples". */
export function countWords(matching: number, of: number, pinned: number, past: number): string {
  const pins = pinned === 0 ? "" : `, ${pinned} pinned`;
  const rest = past === 0 ? "" : `; the last ${past} are not looked at`;
  return `${matching} of ${of} example${of === 1 ? "" : "s"}${pins}${rest}`;
}

/** How many rows there are, what they were judged by, and the ways back. */
export function RowsBar({ page }: { page: Page }) {
  const { session, rows } = page;
  const selection = session.asked.value;
  const sections = session.shown.sections.value;
  const sums = { matching: 0, of: 0, pinned: 0, past: 0 };
  const all = sections.map((section) => rows.of(section));
  for (const found of all) {
    if ("rows" in found) {
      sums.matching += found.rows.matching;
      sums.of += found.of;
      sums.past += found.past;
      sums.pinned += found.rows.pinned;
    }
  }
  const ofAStep = needsStep(selection);
  const columns = sections.flatMap((section) => judge(section, selection) ?? []);
  const by = columns.map((column) => `${column.tag} in ${column.run.run}`).join(" and ");
  const step = session.shown.step.value;
  return (
    <div class="rows-bar">
      <span role="status" class="count">
        {all.some((found) => "rows" in found)
          ? countWords(sums.matching, sums.of, sums.pinned, sums.past)
          : "No example is found yet"}
      </span>
      <span class="quiet judged" title={ofAStep ? by : undefined}>
        {selection.sort === EVERYTHING.sort ? "" : `sorted by ${sortWords(selection.sort)} `}
        {ofAStep && selection.rowsStep !== null ? `as of step ${selection.rowsStep}, ${by}` : ""}
      </span>
      {ofAStep && selection.rowsStep !== null && selection.rowsStep !== step ? (
        <button type="button" class="choice" onClick={() => rows.again()}>{`Find again at step ${step}`}</button>
      ) : null}
      {filters(selection) || selection.sort !== EVERYTHING.sort ? (
        <button type="button" class="choice" onClick={() => rows.clear()}>
          Show all
        </button>
      ) : null}
    </div>
  );
}
