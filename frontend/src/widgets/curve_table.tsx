import { numeral } from "#src/math/numerals";
import { type Choice, type Curve, type Line, valueAt } from "#src/state/curves";
import { known } from "#src/state/loaded";
import type { Session } from "#src/state/session";
import { RunDot, runLabel } from "#src/widgets/run_picker";

/**
 * Says that points of a scalar may be missing; "" where none can.
 *
 * @param kept points that TensorBoard keeps of a scalar; 0 keeps all.
 */
export function sampledWords(curves: readonly Curve[], kept: number): string {
  // A scalar that fills its room may have had more; how many, nobody counted.
  const full = kept > 0 && curves.some(({ line, steps }) => line.tag !== "" && steps.length >= kept);
  return full
    ? `TensorBoard keeps at most ${kept} points of a curve and may have dropped others: --samples_per_plugin=scalars=0 keeps all`
    : "";
}

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
  const sampled = sampledWords(curves, known(session.index.value)?.samplesPerScalar ?? 0);
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
      {sampled === "" ? null : <p class="badge">{sampled}</p>}
    </section>
  );
}
