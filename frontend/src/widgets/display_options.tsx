import { type ColourMap, DIVERGING, SEQUENTIAL } from "#src/math/colour";
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

interface ChoiceProps<T extends string | number> {
  readonly label: string;
  readonly keys?: string;
  readonly value: T;
  readonly all: readonly T[];
  readonly say?: (value: T) => string;
  readonly choose: (value: T) => void;
}

function Choice<T extends string | number>({ label, keys, value, all, say = String, choose }: ChoiceProps<T>) {
  return (
    <label class="option spread">
      {label}
      {keys === undefined ? null : <kbd>{keys}</kbd>}
      <select value={String(value)} onChange={(event) => choose(all[event.currentTarget.selectedIndex] ?? value)}>
        {all.map((one) => (
          <option key={one} value={String(one)}>
            {say(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** How maps are drawn. Nothing here changes a number. */
export function DisplayOptions({ session }: { session: Session }) {
  const { opacity, diverging, sequential, scope, clip, gamma, tile } = session.selection.value;
  const set = (change: Partial<Selection>) => session.update((selection) => ({ ...selection, ...change }));
  const { sections, pair } = session.shown;
  const can = effective(sections.value, (hash) => known(session.probes.get(hash)), session.asked.value);
  return (
    <section class="panel">
      <h2>Display</h2>
      {can.has("overlay") ? (
        <>
          <Toggle session={session} name="overlay" label="Heat over the picture" keys="O" />
          <label class="option spread">
            Opacity
            <input
              type="range"
              min="0"
              max="1"
              step="0.05"
              value={opacity}
              aria-valuetext={percent(opacity)}
              onInput={(event) => set({ opacity: Number(event.currentTarget.value) })}
            />
          </label>
        </>
      ) : null}
      {can.has("cells") ? <Toggle session={session} name="cells" label="Stored cells" keys="G" /> : null}
      {can.has("relu") ? <Toggle session={session} name="relu" label="ReLU on activation maps" /> : null}
      {can.has("diverging") || pair.value ? (
        <Choice<ColourMap>
          label="Signed"
          value={diverging}
          all={DIVERGING}
          choose={(v) => set({ diverging: v as typeof diverging })}
        />
      ) : null}
      {can.has("sequential") ? (
        <Choice<ColourMap>
          label="Unsigned"
          value={sequential}
          all={SEQUENTIAL}
          choose={(v) => set({ sequential: v as typeof sequential })}
        />
      ) : null}
      <Choice
        label="Scale"
        keys="N"
        value={scope}
        all={SCOPES}
        say={(one) => SCOPE_NAMES[one]}
        choose={(v) => set({ scope: v })}
      />
      <Choice label="Scale ends" value={clip} all={CLIPS} say={clipWords} choose={(v) => set({ clip: v })} />
      {can.has("gamma") ? <Choice label="Gamma" value={gamma} all={GAMMAS} choose={(v) => set({ gamma: v })} /> : null}
      {can.has("tile") ? (
        <Choice
          label="Picture size"
          value={tile}
          all={TILES}
          say={(side) => `${side} px`}
          choose={(v) => set({ tile: v })}
        />
      ) : null}
      <span class="unseen" role="status">
        {`Scale of ${[SCOPE_NAMES[scope], SCOPE_BADGES[scope]].filter(Boolean).join(", ")}`}
      </span>
      <p class="quiet">
        {can.has("overlay") ? "Hold Space to see the input alone. " : ""}S shows shares of each map, and again all
        steps.
      </p>
    </section>
  );
}
