import { useState } from "preact/hooks";
import { unturned } from "#src/math/names";
import { inputOf } from "#src/state/columns";
import { offered } from "#src/state/offered";
import { ACROSS, type Across, toggleMethod } from "#src/state/selection";
import type { Session } from "#src/state/session";
import { methods, shownMethods, shownTarget, targets } from "#src/state/tags";
import { FindBox } from "#src/widgets/find_box";

/** Buttons at once; more than these are found by name. */
const METHODS = 40;

/** Methods on screen, each a group of columns. */
export function MethodPicker({ session }: { session: Session }) {
  const [filter, setFilter] = useState("");
  const runs = session.shown.runs.value;
  const all = methods(runs);
  const shown = shownMethods(runs, session.asked.value);
  const { names, more } = offered(all, shown, filter, METHODS);
  return (
    <fieldset class="control methods" aria-label="Methods">
      <span class="control-name">Method</span>
      {all.length > METHODS ? <FindBox what="method" count={all.length} filter={filter} onFilter={setFilter} /> : null}
      {names.map((method) => (
        <button
          key={method}
          type="button"
          class="choice method"
          title={method}
          aria-pressed={shown.includes(method)}
          onClick={() => session.update((selection) => toggleMethod(selection, shown, method))}
        >
          {unturned(method)}
        </button>
      ))}
      {more > 0 ? <span class="quiet">{`and ${more} more`}</span> : null}
    </fieldset>
  );
}

const ACROSS_WORDS: Record<Across, string> = { runs: "runs", methods: "methods", steps: "steps until now" };

/** What stands side by side. */
export function AcrossPicker({ session }: { session: Session }) {
  return (
    <label class="control">
      <span class="control-name">Side by side</span>
      <select
        value={session.asked.value.across}
        onChange={(event) => {
          const across = ACROSS[event.currentTarget.selectedIndex] ?? "runs";
          session.update((selection) => ({ ...selection, across }));
        }}
      >
        {ACROSS.map((across) => (
          <option key={across} value={across}>
            {ACROSS_WORDS[across]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Shown where several targets were explained; closed where no method on screen tells them apart. */
export function TargetPicker({ session }: { session: Session }) {
  const all = targets(session.shown.runs.value);
  if (all.length < 2) {
    return null;
  }
  const maps = session.shown.columns.value.flatMap(({ series }) => series?.maps ?? []);
  const alike = maps.length > 0 && maps.every((one) => !one.classSensitive);
  return (
    <label class="control">
      <span class="control-name">Target</span>
      <select
        value={shownTarget(session.shown.runs.value, session.asked.value)}
        disabled={alike}
        onChange={(event) => {
          const target = event.currentTarget.value;
          session.update((selection) => ({ ...selection, target }));
        }}
      >
        {all.map((target) => (
          <option key={target} value={target}>
            {target || "label"}
          </option>
        ))}
      </select>
      {alike ? <span class="quiet">the same for every class</span> : null}
    </label>
  );
}

/** Shown for models with several inputs. */
export function InputPicker({ session }: { session: Session }) {
  const column = session.shown.columns.value.find((one) => one.series !== undefined);
  const grids = column?.series?.maps?.grids ?? [];
  const offered = [...grids.entries()].filter(([, grid]) => grid.shape.length > 0);
  if (column === undefined || offered.length < 2) {
    return null;
  }
  return (
    <label class="control">
      <span class="control-name">Input</span>
      <select
        value={inputOf(column, session.asked.value.input)}
        onChange={(event) => {
          const input = Number(event.currentTarget.value);
          session.update((selection) => ({ ...selection, input }));
        }}
      >
        {offered.map(([at, grid]) => (
          <option key={at} value={at}>
            {grid.input || `input ${at}`}
          </option>
        ))}
      </select>
    </label>
  );
}
