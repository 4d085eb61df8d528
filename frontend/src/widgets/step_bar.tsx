import { stepName } from "#src/math/numerals";
import { closest } from "#src/math/steps";
import { agreedEpoch } from "#src/state/columns";
import { known } from "#src/state/loaded";
import { setStep } from "#src/state/selection";
import type { Session } from "#src/state/session";

/** The step as a person reads it: its number, its epoch where the runs agree, its place in the series. */
export function stepWords(session: Session): string {
  const step = session.shown.step.value;
  return stepName(step, agreedEpoch(session.shown.columns.value, step));
}

/** One slider for everything: even in index, labelled with true steps. */
export function StepBar({ session }: { session: Session }) {
  const steps = session.shown.steps.value;
  const at = session.shown.at.value;
  const go = (index: number) => session.setStep(index);
  const kept = known(session.index.value)?.samplesPerPlugin ?? 0;
  const last = steps.length - 1;
  const fresh = session.newSteps.value;
  return (
    <footer class="step-bar">
      <div class="step-buttons">
        <button type="button" aria-label="First step" disabled={at <= 0} onClick={() => go(0)}>
          |◀
        </button>
        <button type="button" aria-label="Previous step" disabled={at <= 0} onClick={() => go(at - 1)}>
          ◀
        </button>
        <button type="button" aria-label="Next step" disabled={at >= last} onClick={() => go(at + 1)}>
          ▶
        </button>
        <button type="button" aria-label="Last step" disabled={at >= last} onClick={() => go(last)}>
          ▶|
        </button>
      </div>
      <input
        class="step-slider"
        type="range"
        aria-label="Step"
        aria-valuetext={`${stepWords(session)}, ${at + 1} of ${steps.length}`}
        min={0}
        max={Math.max(0, last)}
        step={1}
        value={at}
        disabled={steps.length < 2}
        onInput={(event) => go(Number(event.currentTarget.value))}
      />
      <label class="step-entry">
        step
        <input
          type="number"
          value={Number.isNaN(session.shown.step.value) ? "" : session.shown.step.value}
          onChange={(event) => {
            const typed = event.currentTarget.valueAsNumber;
            go(Number.isFinite(typed) ? closest(steps, typed) : at);
            // A number between two steps must not stay in the box: the page shows another.
            event.currentTarget.value = String(session.shown.step.peek());
          }}
        />
      </label>
      <span class="step-words" title={kept === 0 ? "Every logged step is kept." : undefined}>
        {stepWords(session).split(", ")[1] ?? ""}{" "}
        <span class="quiet">{`${at + 1} / ${steps.length} steps stored`}</span>
        {kept > 0 && steps.length >= kept ? (
          <span class="badge">{`TensorBoard keeps ${kept} per series (--samples_per_plugin)`}</span>
        ) : null}
      </span>
      {session.selection.value.step === null ? (
        <span class="quiet">follows the latest</span>
      ) : (
        <button type="button" class="choice" onClick={() => session.update((s) => setStep(s, steps, last))}>
          {fresh > 0 ? `+${fresh} new · go to the latest` : "go to the latest"}
        </button>
      )}
    </footer>
  );
}
