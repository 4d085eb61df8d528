import { ErrorKind, type ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { inSentence } from "#src/math/names";
import { numeral, percent, probability, signed } from "#src/math/numerals";
import type { Column } from "#src/state/columns";
import { known } from "#src/state/loaded";
import type { Magnitude } from "#src/state/scales";
import type { Scope } from "#src/state/selection";
import { type PageColumn, type SeriesStats, StatColumn } from "#src/state/series_stats";
import type { Session } from "#src/state/session";
import { holds, shownStep } from "#src/state/tile";
import { levelWords } from "#src/widgets/scope";
import { useSelected } from "#src/widgets/selected";

/** A class's name where it has one. */
export function className(probe: Pick<ProbeBlob, "classNames">, index: number): string {
  return inSentence(probe.classNames[index] ?? String(index));
}

const ERROR_WORDS: Record<ErrorKind, string> = {
  [ErrorKind.ERROR_NONE]: "",
  [ErrorKind.ERROR_GAP]: "gap",
  [ErrorKind.ERROR_STANDARD_ERROR]: "std. error",
  [ErrorKind.ERROR_ONE_MINUS_R2]: "1 − R²",
  [ErrorKind.ERROR_ABSORBED]: "absorbed",
  [ErrorKind.ERROR_MAP_DIFFERENCE]: "map diff.",
};

const RESIDUAL_TITLES: Record<ErrorKind, string> = {
  [ErrorKind.ERROR_NONE]: "this method does not say how wrong it is",
  [ErrorKind.ERROR_GAP]: "f(x) − f(baseline) − sum of scores; in brackets its share of the sum of |scores|",
  [ErrorKind.ERROR_STANDARD_ERROR]: "standard error of the sampled scores",
  [ErrorKind.ERROR_ONE_MINUS_R2]: "share of the model's variance that the local fit does not explain",
  [ErrorKind.ERROR_ABSORBED]: "relevance that the rule absorbed",
  [ErrorKind.ERROR_MAP_DIFFERENCE]: "difference of the map to the one with fewer points",
};

/** What a method's own error is, in words; "" where it has none. */
export function errorName(kind: ErrorKind): string {
  return ERROR_WORDS[kind] ?? ""; // a newer writer may have other kinds
}

/** The method's own error. A gap stands next to the sum of |scores|, never to a difference near 0. */
export function residualWords(kind: ErrorKind, residual: number, sumAbs: number): string {
  const name = errorName(kind);
  if (!name || Number.isNaN(residual)) {
    return "";
  }
  if (kind === ErrorKind.ERROR_GAP) {
    const share = sumAbs > 0 ? ` (${percent(Math.abs(residual) / sumAbs)})` : "";
    return `${name} ${signed(residual, 2)}${share}`;
  }
  return `${name} ${numeral(residual, 2)}`;
}

/** A network this sure moves its output little, whatever is in the input. */
const SURE = 0.995;
const PALE = 0.05;

function outcome(probe: ProbeBlob, stats: SeriesStats, step: number, example: number) {
  const at = (column: PageColumn) => stats.at(step, example, column);
  const classes = !Number.isNaN(at(StatColumn.STAT_PREDICTION_PROBABILITY));
  const prediction = at(StatColumn.STAT_PREDICTION);
  const p = at(StatColumn.STAT_TARGET_PROBABILITY);
  const target = at(StatColumn.STAT_TARGET);
  const label = probe.labels[example];
  return {
    predicted: Number.isNaN(prediction)
      ? ""
      : classes
        ? `${className(probe, prediction)} ${probability(at(StatColumn.STAT_PREDICTION_PROBABILITY))}`
        : numeral(prediction),
    wrong: classes && label !== undefined && prediction !== label,
    target:
      Number.isNaN(p) || (classes && target === prediction)
        ? ""
        : `p(${Number.isNaN(target) ? "target" : className(probe, target)}) ${probability(p)}`,
    sure: p >= SURE,
    residual: at(StatColumn.STAT_RESIDUAL),
    sumAbs: at(StatColumn.STAT_SUM_ABS),
  };
}

/** How strong a map is, in the scopes whose colours do not say; and more of it for who asks. */
export function magnitudeWords({ level, sum, share }: Magnitude, scope: Scope, clip: number) {
  const strength = `${levelWords(clip)} ${numeral(level, 2)}, ${percent(share)}`;
  const all = `sum of |scores| ${numeral(sum)}; ${strength} of the scale of all steps`;
  return { words: scope === "share" ? `sum ${numeral(sum, 2)}, ${percent(share)}` : strength, all };
}

function MagnitudeBar({ session, magnitude }: { session: Session; magnitude: Magnitude }) {
  const { scope, clip } = useSelected(session, "scope", "clip");
  if (scope !== "image" && scope !== "share") {
    return null;
  }
  const { words, all } = magnitudeWords(magnitude, scope, clip);
  return (
    <div class="magnitude" title={all}>
      <span class="magnitude-track" aria-hidden="true">
        <span style={{ width: `${100 * Math.min(1, magnitude.share)}%` }} />
      </span>
      {words}
    </div>
  );
}

interface Props {
  readonly session: Session;
  readonly column: Column;
  readonly probe: ProbeBlob;
  readonly example: number;
}

/** The numbers below a tile, of the step that it really shows. */
export function Caption({ session, column, probe, example }: Props) {
  const asked = session.shown.stepOf(column);
  const shown = shownStep(column, asked);
  const loaded = session.statsOf(column);
  if (shown === undefined) {
    return <div class="caption" />;
  }
  const badge = holds(column, asked) ? <span class="badge">{`still step ${shown.step}`}</span> : null;
  const stats = known(loaded);
  if (stats === undefined) {
    return (
      <div class="caption">
        {badge} {loaded.state === "failed" ? `no numbers: ${loaded.words}` : ""}
      </div>
    );
  }
  const now = outcome(probe, stats, shown.step, example);
  const kind = column.series?.maps?.errorKind ?? ErrorKind.ERROR_NONE;
  const magnitude = session.scales.magnitude(column, example);
  const tile = session.tile(column, example);
  const hatched = "map" in tile && tile.errors !== undefined;
  const pale = magnitude !== undefined && magnitude.share < PALE;
  return (
    <div class="caption">
      <div>
        {now.predicted === "" ? null : (
          <span class={now.wrong ? "wrong" : ""}>{`→ ${now.predicted}${now.wrong ? " ✗" : ""}`}</span>
        )}{" "}
        <span>{now.target}</span>
      </div>
      {magnitude === undefined ? null : <MagnitudeBar session={session} magnitude={magnitude} />}
      <div class="quiet" title={RESIDUAL_TITLES[kind]}>
        {badge} {residualWords(kind, now.residual, now.sumAbs)}
        {hatched ? " hatched: below its error" : ""}
        {pale && now.sure ? " pale: p ≈ 1, probably saturated" : ""}
      </div>
    </div>
  );
}
