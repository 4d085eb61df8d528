import type { ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { numeral, probability } from "#src/math/numerals";
import type { Column } from "#src/state/columns";
import type { Comparison } from "#src/state/comparison";
import { known } from "#src/state/loaded";
import type { Words } from "#src/state/operands";
import { StatColumn } from "#src/state/series_stats";
import type { Session } from "#src/state/session";
import type { Pair } from "#src/state/sides";
import { holds, shownStep } from "#src/state/tile";
import { className } from "#src/widgets/caption";
import { NOISE } from "#src/widgets/difference_wording";

interface Outcome {
  readonly target: number;
  readonly p: number;
  /** Of a regression: classes are named by the columns of A and B. */
  readonly value: number;
}

/** What the target did from A to B. */
export function outcomeWords(a: Outcome, b: Outcome, probe: Pick<ProbeBlob, "classNames">): string {
  if (!Number.isNaN(a.p) && !Number.isNaN(b.p)) {
    const name = Number.isNaN(a.target) ? "target" : className(probe, a.target);
    return `p(${name}) ${probability(a.p)} → ${probability(b.p)}`;
  }
  const known = !Number.isNaN(a.value) && !Number.isNaN(b.value);
  return known ? `${numeral(a.value)} → ${numeral(b.value)}` : "";
}

/** What its hatch means, where there is one. */
export function noiseWords({ difference, noise }: Pick<Comparison, "difference" | "noise">): string {
  const below = difference.some((value, cell) => value !== 0 && Math.abs(value) < noise[cell]!);
  return below ? `hatched: below the ${NOISE}` : "";
}

interface Props {
  readonly session: Session;
  readonly pair: Pair;
  readonly compared: Comparison | Words;
  readonly probe: ProbeBlob;
  readonly example: number;
}

/** The numbers below a difference, of the steps that it really is of. */
export function DifferenceCaption({ session, pair, compared, probe, example }: Props) {
  const outcomeOf = (column: Column): Outcome => {
    const step = shownStep(column, session.shown.stepOf(column))?.step ?? Number.NaN;
    const at = (one: StatColumn.STAT_TARGET | StatColumn.STAT_TARGET_PROBABILITY | StatColumn.STAT_PREDICTION) =>
      known(session.statsOf(column))?.at(step, example, one) ?? Number.NaN;
    return {
      target: at(StatColumn.STAT_TARGET),
      p: at(StatColumn.STAT_TARGET_PROBABILITY),
      value: at(StatColumn.STAT_PREDICTION),
    };
  };
  const held = Object.entries(pair).flatMap(([side, column]: [string, Column]) => {
    const asked = session.shown.stepOf(column);
    return holds(column, asked) ? [`${side.toUpperCase()} still step ${shownStep(column, asked)?.step}`] : [];
  });
  const alike = "cosine" in compared && !Number.isNaN(compared.cosine) ? compared : undefined;
  const title = alike?.centred ? "cosine of both maps less their means" : "cosine of both maps";
  return (
    <div class="caption">
      <div>{outcomeWords(outcomeOf(pair.a), outcomeOf(pair.b), probe)}</div>
      <div class="quiet" title={title}>
        {held.map((words) => (
          <span key={words} class="badge">
            {words}
          </span>
        ))}{" "}
        {alike === undefined ? "" : `${alike.centred ? "centred " : ""}cosine ${numeral(alike.cosine, 2)}`}{" "}
        {"noise" in compared ? noiseWords(compared) : ""}
      </div>
    </div>
  );
}
