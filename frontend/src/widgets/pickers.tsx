import { methods, shownMethods, shownTarget, targets } from "#src/state/columns";
import { toggleMethod } from "#src/state/selection";
import type { Session } from "#src/state/session";

/** Methods on screen, each a group of columns. */
export function MethodPicker({ session }: { session: Session }) {
  const runs = session.runs.value;
  const all = methods(runs);
  const shown = shownMethods(runs, session.selection.value);
  // A link may ask for a method that no run has; it must be possible to drop it.
  const offered = [...all, ...shown.filter((method) => !all.includes(method))];
  return (
    <fieldset class="control" aria-label="Methods">
      <span class="control-name">Method</span>
      {offered.map((method) => (
        <button
          key={method}
          type="button"
          class="choice"
          aria-pressed={shown.includes(method)}
          onClick={() => session.update((selection) => toggleMethod(selection, shown, method))}
        >
          {method}
        </button>
      ))}
    </fieldset>
  );
}

/** Shown where several targets were explained. */
export function TargetPicker({ session }: { session: Session }) {
  const all = targets(session.runs.value);
  if (all.length < 2) {
    return null;
  }
  return (
    <label class="control">
      <span class="control-name">Target</span>
      <select
        value={shownTarget(session.runs.value, session.selection.value)}
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
    </label>
  );
}

/** Shown for models with several inputs. */
export function InputPicker({ session }: { session: Session }) {
  const grids = session.columns.value.find((column) => column.series !== undefined)?.series?.maps?.grids ?? [];
  const offered = [...grids.entries()].filter(([, grid]) => grid.shape.length > 0);
  if (offered.length < 2) {
    return null;
  }
  return (
    <label class="control">
      <span class="control-name">Input</span>
      <select
        value={session.selection.value.input}
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
