import { percent } from "#src/math/numerals";
import type { Difference } from "#src/state/difference";
import type { Plan, Pooled } from "#src/state/difference_pool";
import { END } from "#src/state/difference_scale";
import type { Bar } from "#src/state/scale";
import { endOf } from "#src/state/selection";
import type { Session } from "#src/state/session";
import { BarRange } from "#src/widgets/bar_range";
import { BarLine } from "#src/widgets/colour_bar";
import type { Effect } from "#src/widgets/explained";
import { clipWords, SCOPE_BADGES } from "#src/widgets/scope";

const NAME = "B − A";
const ENDS: Effect = { positive: "more in B", negative: "more in A" };

/** What the scale was made of. */
export function pooledWords(plan: Plan, pooled: Pooled): string {
  const steps = plan.of === 1 ? "this pair of steps" : `${pooled.steps} of ${plan.of} steps`;
  const lost = plan.steps.length - pooled.steps;
  const all = plan.pair.a.series?.maps?.examples ?? 0;
  return [
    `over ${steps}`,
    plan.examples.length < all ? `of ${plan.examples.length} of ${all} examples` : "",
    lost > 0 ? `${lost} more could not be read` : "",
    pooled.thumbnails ? "of thumbnails, means of several stored cells" : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** What the bar's numbers are. */
export function differenceNotes(bar: Bar, clip: number, byHand: boolean, made: string): string {
  const what = bar.unit === "share" ? "|B − A| in shares of each map’s sum of |scores|" : "|B − A|";
  const gamma = bar.gamma === 1 ? "" : `; gamma ${bar.gamma}`;
  return `${byHand ? `set by hand; ${what}` : `${clipWords(clip)} of ${what}`} ${made}, ${percent(bar.clipped)} clipped${gamma}`;
}

/** What the scale says: its ends and colours where it has any, and what it was made of. */
export function scaleOf(session: Session, { scale }: Difference) {
  const [plan, pooled, bar] = [scale.plan.value, scale.pooled.value, scale.bar.value];
  if (plan === undefined || pooled === undefined || bar === undefined) {
    return { bar: undefined, effect: ENDS, notes: "loading the difference’s scale", partly: false, loading: true };
  }
  const made = pooledWords(plan, pooled);
  const partly = pooled.steps < plan.steps.length;
  if (!bar.known) {
    return { bar: undefined, effect: ENDS, notes: `no difference ${made}: nothing to scale`, partly, loading: false };
  }
  const selection = session.selection.value;
  const byHand = selection.scope === "manual" && endOf(selection, END) !== undefined;
  return { bar, effect: ENDS, notes: differenceNotes(bar, selection.clip, byHand, made), partly, loading: false };
}

/** The scale of the difference, which is its own. */
export function DifferenceBar({ session, difference }: { session: Session; difference: Difference }) {
  if (session.shown.pair.value === undefined) {
    return null;
  }
  const head = (words: string) => (
    <span class="bar-head">
      <strong>{NAME}</strong> <span class="quiet">{words}</span>
    </span>
  );
  const reasons = difference.refusals.value;
  if (reasons.length > 0) {
    return (
      <div class="colour-bar" role="status">
        {head("")}
        <span class="badge">refused</span> {reasons.join("; ")}
      </div>
    );
  }
  const { scale } = difference;
  const { bar, effect, notes, partly, loading } = scaleOf(session, difference);
  const fresh = scale.newSteps;
  const renew =
    fresh > 0 || partly ? (
      <button type="button" class="choice" onClick={() => scale.rescale()}>
        {fresh > 0 ? `Rescale with ${fresh} new steps` : "Read again"}
      </button>
    ) : null;
  if (bar === undefined) {
    return (
      <div class={loading ? "colour-bar loading" : "colour-bar"}>
        {head("")} {notes} {renew}
      </div>
    );
  }
  return (
    <div class="colour-bar" data-tag={END}>
      {head("its own scale")}
      <BarLine session={session} bar={bar} effect={effect} />
      {bar.unit === "score" ? <BarRange session={session} tag={END} of={NAME} bar={bar} /> : null}
      {bar.unit === "share" ? <span class="badge">{SCOPE_BADGES.share}</span> : null}
      <span class="quiet bar-notes">{notes}</span>
      {renew}
    </div>
  );
}
