import type { Session } from "#src/state/session";
import { compare, firstSides } from "#src/state/sides";
import { DifferencePart } from "#src/widgets/difference_part";
import type { Page } from "#src/widgets/page";

/** Shows the difference of the first two columns that have one; or no more. */
export function toggleDifference(session: Session): void {
  const { shown, selection } = session;
  const on = selection.peek().difference !== null;
  const sides = on ? null : firstSides(shown.columns.peek(), shown.step.peek());
  if (sides !== undefined) {
    session.update((now) => compare(now, sides));
  }
}

/** Turns the difference on and off, and has its sides chosen. */
export function DifferenceControl({ page }: { page: Page }) {
  const { session } = page;
  const on = session.asked.value.difference !== null;
  const possible = firstSides(session.shown.columns.value, session.shown.step.value) !== undefined;
  return (
    <fieldset class="control" aria-label="Difference">
      <button
        type="button"
        class="choice"
        aria-keyshortcuts="d"
        aria-pressed={on}
        disabled={!on && !possible}
        title={
          possible
            ? "D: B − A of two columns"
            : "a difference needs two columns: choose another run or method, or steps side by side"
        }
        onClick={() => toggleDifference(session)}
      >
        Difference
      </button>
      {on ? (
        <DifferencePart page={page}>{({ DifferencePicker }) => <DifferencePicker session={session} />}</DifferencePart>
      ) : null}
    </fieldset>
  );
}
