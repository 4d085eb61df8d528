import { DIVERGING, SEQUENTIAL } from "#src/math/colour";
import { percent } from "#src/math/numerals";
import { known } from "#src/state/loaded";
import { CLIPS, GAMMAS, SCOPES, type Selection, TILES } from "#src/state/selection";
import type { Session } from "#src/state/session";
import { effective } from "#src/widgets/effective";
import { clipWords, SCOPE_BADGES, SCOPE_NAMES } from "#src/widgets/scope";

type Switch = "overlay" | "cells" | "relu";

function Toggle(props: { session: Session; name: Switch; label: string; keys?: string }) {
  const { session, name } = props;
  return (
    <label class="option">
      <input
        type="checkbox"
        checked={session.selection.value[name]}
        onChange={() => session.update((selection) => ({ ...selection, [name]: !selection[name] }))}
      />
      {props.label}
      {props.keys === undefined ? null : <kbd>{props.keys}</kbd>}
    </label>
  );
}

type Chosen = "diverging" | "sequential" | "scope" | "clip" | "gamma" | "tile";

interface ChoiceProps<Name extends Chosen> {
  readonly session: Session;
  readonly name: Name;
  readonly label: string;
  readonly keys?: string;
  readonly all: readonly Selection[Name][];
  readonly say?: (value: Selection[Name]) => string;
}

function Choice<Name extends Chosen>(props: ChoiceProps<Name>) {
  const { session, name, label, keys, all, say = String } = props;
  return (
    <label class="option spread">
      {label}
      {keys === undefined ? null : <kbd>{keys}</kbd>}
      <select
        value={String(session.selection.value[name])}
        onChange={(event) => {
          const value = all[event.currentTarget.selectedIndex];
          session.update((selection) => ({ ...selection, [name]: value }));
        }}
      >
        {all.map((one) => (
          <option key={one} value={String(one)}>
            {say(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Opacity({ session }: { session: Session }) {
  const { opacity } = session.selection.value;
  return (
    <label class="option spread">
      Opacity
      <input
        type="range"
        min="0"
        max="1"
        step="0.05"
        value={opacity}
        aria-valuetext={percent(opacity)}
        onInput={(event) => {
          const { valueAsNumber } = event.currentTarget;
          session.update((selection) => ({ ...selection, opacity: valueAsNumber }));
        }}
      />
    </label>
  );
}

/** How maps are drawn. Nothing here changes a number. */
export function DisplayOptions({ session }: { session: Session }) {
  const { scope } = session.asked.value;
  const { sections, pair } = session.shown;
  const can = effective(sections.value, (hash) => known(session.probes.get(hash)), session.asked.value);
  const over = can.has("overlay");
  return (
    <section class="panel">
      <h2>Display</h2>
      {over && <Toggle session={session} name="overlay" label="Heat over the picture" keys="O" />}
      {over && <Opacity session={session} />}
      {can.has("cells") && <Toggle session={session} name="cells" label="Stored cells" keys="G" />}
      {can.has("relu") && <Toggle session={session} name="relu" label="ReLU on activation maps" />}
      {(can.has("diverging") || pair.value) && (
        <Choice session={session} name="diverging" label="Signed" all={DIVERGING} />
      )}
      {can.has("sequential") && <Choice session={session} name="sequential" label="Unsigned" all={SEQUENTIAL} />}
      <Choice session={session} name="scope" label="Scale" keys="N" all={SCOPES} say={(one) => SCOPE_NAMES[one]} />
      <Choice session={session} name="clip" label="Scale ends" all={CLIPS} say={clipWords} />
      {can.has("gamma") && <Choice session={session} name="gamma" label="Gamma" all={GAMMAS} />}
      {can.has("tile") && (
        <Choice session={session} name="tile" label="Picture size" all={TILES} say={(side) => `${side} px`} />
      )}
      <span class="unseen" role="status">
        {`Scale of ${[SCOPE_NAMES[scope], SCOPE_BADGES[scope]].filter(Boolean).join(", ")}`}
      </span>
      <p class="quiet">
        {over ? "Hold Space to see the input alone. " : ""}S shows shares of each map, and again all steps.
      </p>
    </section>
  );
}
