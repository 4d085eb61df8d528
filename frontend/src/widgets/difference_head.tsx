import { stepName } from "#src/math/numerals";
import type { Column } from "#src/state/columns";
import type { Difference } from "#src/state/difference";
import { epochAt } from "#src/state/epochs";
import type { Session } from "#src/state/session";
import type { Pair } from "#src/state/sides";
import { shownStep } from "#src/state/tile";
import { runLabel } from "#src/widgets/run_picker";

/** What both sides are, and what each is by itself. */
export interface SideNames {
  readonly both: string;
  readonly a: string;
  readonly b: string;
}

/** @param stepOf the step that a column is asked to show. */
export function sideNames({ a, b }: Pair, stepOf: (column: Column) => number): SideNames {
  const ofSteps = a.step !== undefined || b.step !== undefined;
  const names = (column: Column) => {
    const step = shownStep(column, stepOf(column))?.step ?? stepOf(column);
    return [runLabel(column.run), column.tag, ...(ofSteps ? [stepName(step, epochAt(column.run, step))] : [])];
  };
  const [x, y] = [names(a), names(b)];
  const own = (mine: string[], other: string[]) => mine.filter((name, at) => name !== other[at]).join(" · ");
  return { both: x.filter((name, at) => name === y[at]).join(" · "), a: own(x, y), b: own(y, x) };
}

/** Names the difference column: what is subtracted, or why nothing is. */
export function DifferenceHead({ session, difference }: { session: Session; difference: Difference }) {
  const pair = session.shown.pair.value;
  if (pair === undefined) {
    return null;
  }
  const names = sideNames(pair, (column) => session.shown.stepOf(column));
  const reasons = difference.refusals.value;
  const shares = difference.shares.value;
  return (
    <>
      <div class="head-method">B − A</div>
      <div title={names.both}>{names.both}</div>
      {(["b", "a"] as const).map((side) => (
        <div key={side} class="head-side" title={names[side]}>
          <b class="side-mark">{side.toUpperCase()}</b> {names[side]}
        </div>
      ))}
      {reasons.length > 0 ? (
        <div class="lines" title={reasons.join("\n")}>
          <span class="badge">refused</span> {reasons.join("; ")}
        </div>
      ) : (
        <div class="quiet lines">{shares ? "shares of each map’s sum of |scores|" : "scores"}</div>
      )}
    </>
  );
}
