import { effect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Run } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { closest } from "#src/math/steps";
import { CurveChart } from "#src/render/curve_chart";
import { adopt } from "#src/render/style_sheet";
import { ascending, type Choice, type Curve, choices, chosen, type Line, meanProbability } from "#src/state/curves";
import { firstOfRuns } from "#src/state/followed";
import type { Loaded } from "#src/state/loaded";
import type { Session } from "#src/state/session";
import css from "#src/styles/curves.css?inline";
import { CurvePicker } from "#src/widgets/curve_picker";
import { CurveTable } from "#src/widgets/curve_table";
import type { Page } from "#src/widgets/page";

adopt(css);

/** The choice that is shown; reading it subscribes. */
function shownChoice({ shown, selection }: Session): Choice {
  return chosen(choices(shown.runs.value), selection.value.curve);
}

/** Fetches what the strip shows, again after each reload, while somebody can see it. Returns what stops it. */
function follow(session: Session): () => void {
  return effect(() => {
    const { lines } = shownChoice(session);
    if (session.awake.value) {
      for (const run of session.shown.runs.value) {
        session.askForScalars(
          run,
          lines.map(({ tag }) => tag).filter((tag) => run.scalars.includes(tag)),
        );
      }
    }
  });
}

type Points = Pick<Curve, "steps" | "values">;

function loadedOf(session: Session, run: Run, { tag }: Line): Loaded<Points> | undefined {
  if (tag !== "") {
    const loaded = run.scalars.includes(tag) ? session.scalarsOf(run, tag) : undefined;
    return loaded?.state === "ready" ? { state: "ready", value: ascending(loaded.value) } : loaded;
  }
  const column = firstOfRuns(session.shown.columns.value).find((one) => one.run.run === run.run);
  const loaded = column && session.statsOf(column);
  const examples = column?.series?.maps?.examples ?? 0;
  return loaded?.state === "ready" ? { state: "ready", value: meanProbability(loaded.value, examples) } : loaded;
}

/** Curves that have arrived, and words on those that cannot be read. */
function read(session: Session, choice: Choice): { curves: Curve[]; failures: string[] } {
  const curves: Curve[] = [];
  const failures: string[] = [];
  for (const run of session.shown.runs.value) {
    choice.lines.forEach((line, place) => {
      const loaded = loadedOf(session, run, line);
      if (loaded?.state === "ready") {
        curves.push({ run, line, dashed: place > 0, ...loaded.value });
      } else if (loaded?.state === "failed") {
        failures.push(`${run.run} · ${line.name}: ${loaded.words}`);
      }
    });
  }
  return { curves, failures };
}

/** Same objects while nothing about them changes, so that moving the cursor draws no curve again. */
function useCurves(session: Session, choice: Choice): ReturnType<typeof read> {
  const runs = session.shown.runs.value;
  const loaded = runs.flatMap((run) =>
    choice.lines.map(({ tag }) => (tag === "" ? undefined : session.scalarsOf(run, tag))),
  );
  const stats = firstOfRuns(session.shown.columns.value).map((column) => session.statsOf(column));
  return useMemo(() => read(session, choice), [choice, runs, ...loaded, ...stats]);
}

/** Curves of the chosen runs over the optimizer's step. */
export function CurveStrip({ page }: { page: Page }) {
  const { session } = page;
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<CurveChart>();
  const runs = session.shown.runs.value;
  const all = useMemo(() => choices(runs), [runs]);
  const choice = chosen(all, session.selection.value.curve);
  const { curves, failures } = useCurves(session, choice);
  const steps = session.shown.steps.value;
  const step = session.shown.step.value;
  useEffect(() => follow(session), [session]);
  useEffect(() => {
    const pick = (at: number) => session.setStep(closest(session.shown.steps.peek(), at));
    chart.current = new CurveChart(host.current!, pick);
    return () => chart.current?.dispose();
  }, [session]);
  const colours = session.shown.colours.value;
  const dark = page.dark.value;
  useEffect(() => chart.current?.update({ curves, colours, steps }), [curves, colours, steps, dark]);
  useEffect(() => chart.current?.show(step), [step]);
  return (
    <section class="curves" id="curves" aria-label="Curves">
      <div
        class="curve-chart"
        ref={host}
        role="img"
        aria-label={`${choice.name} by step, ${runs.length} runs; the table beside it has the values at step ${step}`}
      />
      <div class="curve-side">
        <CurvePicker session={session} all={all} choice={choice} />
        <CurveTable session={session} choice={choice} curves={curves} step={step} />
        {failures.map((words) => (
          <p key={words} class="badge">
            {words}
          </p>
        ))}
      </div>
    </section>
  );
}
