import { useMemo } from "preact/hooks";
import type { ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { numeral, probability } from "#src/math/numerals";
import { type SparkBox, sparkPath, sparkPoint } from "#src/math/spark";
import { nearestEarlier } from "#src/math/steps";
import type { Column } from "#src/state/columns";
import { type Followed, firstOfRuns, followed } from "#src/state/followed";
import { known } from "#src/state/loaded";
import type { Session } from "#src/state/session";
import { className } from "#src/widgets/caption";
import { RunDot, runLabel } from "#src/widgets/run_picker";

// The picture is stretched to the room there is.
const WIDTH = 100;
const HEIGHT = 16;

/** The first and the last step that have a value, and the one on screen. */
function stations({ steps, values }: Followed, step: number) {
  const first = values.findIndex(Number.isFinite);
  const last = values.findLastIndex(Number.isFinite);
  const now = nearestEarlier(steps, step);
  const at = (index: number) => ({ step: steps[index]!, value: values[index]! });
  return { first: at(first), last: at(last), now: Number.isFinite(values[now]) ? at(now) : undefined };
}

function say({ kind }: Followed, value: number): string {
  return kind === "probability" ? probability(value) : numeral(value);
}

function nameOf({ kind, target }: Followed, probe: Pick<ProbeBlob, "classNames">): string {
  return kind === "value" ? "predicts" : `p(${Number.isNaN(target) ? "target" : className(probe, target)})`;
}

/** The true class has its name in the line above. */
function shortName(line: Followed, probe: Pick<ProbeBlob, "classNames" | "labels">, example: number): string {
  return line.kind === "probability" && line.target === probe.labels[example] ? "p" : nameOf(line, probe);
}

/** All that the line says, for who does not see it. */
export function sparkWords(line: Followed, probe: Pick<ProbeBlob, "classNames">, step: number): string {
  const { first, last, now } = stations(line, step);
  const here = now === undefined ? "" : `; ${say(line, now.value)} at step ${now.step}`;
  const change = `${say(line, first.value)} at step ${first.step}, ${say(line, last.value)} at step ${last.step}`;
  return `${nameOf(line, probe)} in ${runLabel(line.run)}: ${change}${here}`;
}

function boxOf(lines: readonly Followed[], count: number): SparkBox {
  let [low, high] = lines[0]?.kind === "probability" ? [0, 1] : [Infinity, -Infinity];
  for (const value of lines.flatMap((line) => line.values.filter(Number.isFinite))) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { width: WIDTH, height: HEIGHT, count, low, high };
}

interface Props {
  readonly session: Session;
  readonly columns: readonly Column[];
  readonly probe: ProbeBlob;
  readonly example: number;
}

/** p(target) of an example over the steps of the slider, one line for each run; the numbers are those of the first. */
export function Sparkline({ session, columns, probe, example }: Props) {
  const series = firstOfRuns(columns);
  const stats = series.map((column) => known(session.statsOf(column)));
  const steps = session.shown.steps.value;
  const drawn = useMemo(() => {
    const all = series.flatMap(({ run }, place) => (stats[place] && followed(run, stats[place], example)) ?? []);
    const lines = all.filter(({ kind }) => kind === all[0]?.kind);
    const box = boxOf(lines, steps.length);
    const path = (line: Followed) =>
      sparkPath(
        line.steps.map((step, at) => [nearestEarlier(steps, step), line.values[at]!] as const),
        box,
      );
    return { lines, box, paths: lines.map(path) };
  }, [columns, steps, example, ...stats]);
  const { lines, box, paths } = drawn;
  const [judged] = lines;
  if (judged === undefined) {
    return <div class="followed" />; // what comes later moves no row
  }
  const step = session.shown.step.value;
  const { first, last, now } = stations(judged, step);
  const [x] = sparkPoint([session.shown.at.value, box.low], box);
  const colour = (line: Followed) => session.shown.colours.value.get(line.run.run) ?? "grey";
  const words = lines.map((line) => sparkWords(line, probe, step));
  return (
    <div class="followed" title={words.join("\n")}>
      {lines.length > 1 ? <RunDot run={judged.run} session={session} /> : null}
      <span class="followed-name">{shortName(judged, probe, example)}</span>
      <span>{say(judged, first.value)}</span>
      <svg
        class="spark"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words.join(". ")}
      >
        <path class="now" d={`M${x} -1V${HEIGHT + 1}`} />
        {lines
          .map((line, place) => (
            <path key={line.run.run} class={place === 0 ? "first" : ""} d={paths[place]} stroke={colour(line)} />
          ))
          .reverse()}
        {now === undefined ? null : (
          <circle cx={x} cy={sparkPoint([0, now.value], box)[1]} r="2" fill={colour(judged)} />
        )}
      </svg>
      <span>{say(judged, last.value)}</span>
    </div>
  );
}
