import { useState } from "preact/hooks";
import type { Run } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { unturned } from "#src/math/names";
import { known } from "#src/state/loaded";
import { offered } from "#src/state/offered";
import { toggleRuns } from "#src/state/selection";
import type { Session } from "#src/state/session";
import { FindBox } from "#src/widgets/find_box";

/** Runs at once; more than these are found by name. */
const RUNS = 40;

/** A run's name below its group: what tells it from its siblings. */
export function runLabel(run: Run): string {
  const { group, name } = run;
  return unturned(group === "" ? run.run || "." : name === "attribution" ? group : `${group}/${name}`);
}

export function RunDot({ run, session }: { run: Run; session: Session }) {
  return <span class="dot" style={{ background: session.shown.colours.value.get(run.run) ?? "grey" }} />;
}

interface RowProps {
  readonly run: Run;
  readonly session: Session;
  readonly shown: readonly string[];
  readonly label: string;
}

function RunRow({ run, session, shown, label }: RowProps) {
  return (
    <div class="run">
      <label class="run-choice" title={run.run}>
        <input
          type="checkbox"
          checked={shown.includes(run.run)}
          onChange={() => session.update((selection) => toggleRuns(selection, shown, [run.run]))}
        />
        <RunDot run={run} session={session} />
        <span class="run-name">{label}</span>
      </label>
      <button
        type="button"
        class="only"
        aria-label={`Show only ${run.run}`}
        onClick={() => session.update((selection) => ({ ...selection, runs: [run.run] }))}
      >
        only
      </button>
    </div>
  );
}

/** Runs below one parent, with one box for all of them. */
function Group({ name, runs, session, shown }: Omit<RowProps, "run" | "label"> & { name: string; runs: Run[] }) {
  const names = runs.map((run) => run.run);
  const ticked = names.filter((run) => shown.includes(run)).length;
  return (
    <fieldset class="runs">
      <legend>
        <label class="run" title={name}>
          <input
            type="checkbox"
            checked={ticked === names.length}
            indeterminate={ticked > 0 && ticked < names.length}
            onChange={() => session.update((selection) => toggleRuns(selection, shown, names))}
          />
          <span class="run-name">{name || "logdir"}</span>
        </label>
      </legend>
      {runs.map((run) => (
        <RunRow key={run.run} run={run} session={session} shown={shown} label={run.name || run.run} />
      ))}
    </fieldset>
  );
}

/** Runs of the logdir, grouped by their parent. */
export function RunPicker({ session }: { session: Session }) {
  const [filter, setFilter] = useState("");
  const all = known(session.index.value)?.runs ?? [];
  const byName = new Map(all.map((run) => [run.run, run]));
  const shown = session.shown.runs.value.map((run) => run.run);
  const { names, more } = offered([...byName.keys()], shown, filter, RUNS);
  const groups = new Map<string, Run[]>();
  for (const run of names.flatMap((name) => byName.get(name) ?? [])) {
    groups.set(run.group, [...(groups.get(run.group) ?? []), run]);
  }
  return (
    <section class="panel">
      <h2>
        Runs <span class="quiet">{`${shown.length} of ${all.length}`}</span>
      </h2>
      {all.length > RUNS ? <FindBox what="run" count={all.length} filter={filter} onFilter={setFilter} /> : null}
      {[...groups].map(([group, runs]) =>
        runs.length > 1 ? (
          <Group key={group} name={group} runs={runs} session={session} shown={shown} />
        ) : (
          runs.map((run) => <RunRow key={run.run} run={run} session={session} shown={shown} label={runLabel(run)} />)
        ),
      )}
      {more > 0 ? <p class="quiet">{`and ${more} more`}</p> : null}
    </section>
  );
}
