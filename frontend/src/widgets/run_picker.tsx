import type { Run } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { known } from "#src/state/loaded";
import { runColours } from "#src/state/run_colours";
import { toggleRun } from "#src/state/selection";
import type { Session } from "#src/state/session";

/** A run's name below its group: what tells it from its siblings. */
export function runLabel(run: Run): string {
  return run.group === "" ? run.run || "." : run.name === "attribution" ? run.group : `${run.group}/${run.name}`;
}

export function RunDot({ run, session }: { run: Run; session: Session }) {
  const colours = runColours(known(session.index.value)?.runs.map((other) => other.run) ?? []);
  return <span class="dot" style={{ background: colours.get(run.run) ?? "grey" }} />;
}

/** Runs of the logdir, grouped by their parent. */
export function RunPicker({ session }: { session: Session }) {
  const index = known(session.index.value);
  const shown = session.shown.runs.value.map((run) => run.run);
  const groups = new Map<string, Run[]>();
  for (const run of index?.runs ?? []) {
    groups.set(run.group, [...(groups.get(run.group) ?? []), run]);
  }
  return (
    <section class="panel">
      <h2>
        Runs <span class="quiet">{`${shown.length} of ${index?.runs.length ?? 0}`}</span>
      </h2>
      {[...groups].map(([group, runs]) => (
        <fieldset key={group} class="runs">
          <legend class={runs.length === 1 ? "unseen" : ""}>{group || "logdir"}</legend>
          {runs.map((run) => (
            <label key={run.run} class="run" title={run.run}>
              <input
                type="checkbox"
                checked={shown.includes(run.run)}
                onChange={() => session.update((selection) => toggleRun(selection, shown, run.run))}
              />
              <RunDot run={run} session={session} />
              <span class="run-name">{runs.length === 1 ? runLabel(run) : run.name || run.run}</span>
            </label>
          ))}
        </fieldset>
      ))}
    </section>
  );
}
