import { numeral } from "#src/math/numerals";
import { type Choice, type Curve, type Line, valueAt } from "#src/state/curves";
import type { Session } from "#src/state/session";
import { RunDot, runLabel } from "#src/widgets/run_picker";

/** TensorBoard's own limit of a scalar's points, unless it is told another. */
const POINTS = 1000;

function Value({ curve, step }: { curve: Curve | undefined; step: number }) {
  const found = curve && valueAt(curve, step);
  if (found === undefined) {
    return <td class="quiet">{curve === undefined ? "not logged" : "later"}</td>;
  }
  return (
    <td>
      {numeral(found.value, 4)}
      {found.step === step ? null : <span class="quiet">{` of step ${found.step}`}</span>}
    </td>
  );
}

function Sample({ dashed }: { dashed: boolean }) {
  return (
    <svg class="curve-sample" viewBox="0 0 18 4" aria-hidden="true">
      <path d="M0 2H18" stroke-dasharray={dashed ? "5 4" : "none"} />
    </svg>
  );
}

interface Props {
  readonly session: Session;
  readonly choice: Choice;
  readonly curves: readonly Curve[];
  readonly step: number;
}

/** The legend, with the values at the cursor. */
export function CurveTable({ session, choice, curves, step }: Props) {
  const of = (run: string, line: Line) => curves.find((curve) => curve.run.run === run && curve.line === line);
  const most = Math.max(0, ...curves.map((curve) => curve.steps.length));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="curve-values" tabIndex={0} aria-label="Values at the step">
      <table>
        <caption class="unseen">{`${choice.name} at step ${step}`}</caption>
        <thead>
          <tr>
            <th scope="col">run</th>
            {choice.lines.map((line, place) => (
              <th key={line.tag} scope="col">
                <Sample dashed={place > 0} /> {line.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {session.shown.runs.value.map((run) => (
            <tr key={run.run}>
              <th scope="row" title={run.run}>
                <RunDot run={run} session={session} /> {runLabel(run)}
              </th>
              {choice.lines.map((line) => (
                <Value key={line.tag} curve={of(run.run, line)} step={step} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {most >= POINTS && choice.lines[0]?.tag !== "" ? (
        <p class="badge">
          {`${most} points: TensorBoard keeps ${POINTS} of a curve unless told --samples_per_plugin=scalars=0`}
        </p>
      ) : null}
    </section>
  );
}
