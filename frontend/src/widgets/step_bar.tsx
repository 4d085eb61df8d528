import { stepName } from "#src/math/numerals";
import { closest } from "#src/math/steps";
import { agreedEpoch } from "#src/state/epochs";
import type { Session } from "#src/state/session";
import { CurvesButton } from "#src/widgets/curves";
import type { Page } from "#src/widgets/page";
import { PlayButton } from "#src/widgets/play_button";
import { StoredSteps } from "#src/widgets/stored_steps";

interface MoveProps {
  readonly session: Session;
  readonly to: number;
  readonly name: string;
  readonly sign: string;
}

function Move({ session, to, name, sign }: MoveProps) {
  const { steps, at } = session.shown;
  const useless = to === at.value || to < 0 || to >= steps.value.length;
  return (
    <button type="button" aria-label={name} disabled={useless} onClick={() => session.setStep(to)}>
      {sign}
    </button>
  );
}

function StepEntry({ session }: { session: Session }) {
  const { steps, step, at } = session.shown;
  return (
    <label class="step-entry">
      step
      <input
        type="number"
        value={Number.isNaN(step.value) ? "" : step.value}
        onChange={(event) => {
          const typed = event.currentTarget.valueAsNumber;
          session.setStep(Number.isFinite(typed) ? closest(steps.peek(), typed) : at.peek());
          // A number between two steps must not stay in the box: the page shows another.
          event.currentTarget.value = String(step.peek());
        }}
      />
    </label>
  );
}

/** Where the page is, and whether it goes on with the latest step by itself. */
function Follow({ session }: { session: Session }) {
  const last = session.shown.steps.value.length - 1;
  const fresh = session.fresh.count.value;
  if (session.asked.value.step === null) {
    return <span class="quiet">follows the latest</span>;
  }
  return (
    <button type="button" class="choice" onClick={() => session.setStep(last)}>
      {fresh > 0 ? `+${fresh} new · go to the latest` : "go to the latest"}
    </button>
  );
}

/** One slider for everything: even in index, labelled with true steps. */
export function StepBar({ page }: { page: Page }) {
  const { session } = page;
  const steps = session.shown.steps.value;
  const at = session.shown.at.value;
  const last = steps.length - 1;
  const step = session.shown.step.value;
  const epoch = agreedEpoch(session.shown.columns.value, step);
  return (
    <footer class="step-bar">
      <div class="step-buttons">
        <Move session={session} to={0} name="First step" sign="|‹" />
        <Move session={session} to={at - 1} name="Previous step" sign="‹" />
        <PlayButton page={page} />
        <Move session={session} to={at + 1} name="Next step" sign="›" />
        <Move session={session} to={last} name="Last step" sign="›|" />
      </div>
      <input
        class="step-slider"
        type="range"
        aria-label="Step"
        aria-valuetext={`${stepName(step, epoch)}, ${at + 1} of ${steps.length}`}
        min={0}
        max={Math.max(0, last)}
        step={1}
        value={at}
        disabled={steps.length < 2}
        onInput={(event) => session.setStep(Number(event.currentTarget.value))}
      />
      <StepEntry session={session} />
      <span class="step-words">
        {epoch === undefined ? "" : `epoch ${epoch + 1} · `}
        <span class="quiet">{`${at + 1} / ${steps.length} · `}</span>
        <StoredSteps session={session} />
      </span>
      <Follow session={session} />
      <CurvesButton session={session} />
    </footer>
  );
}
