import type { Choice } from "#src/state/curves";
import type { Session } from "#src/state/session";

/** More than a person reads through; a link can name any. */
const MOST = 300;

/** Which curve is shown. */
export function CurvePicker({ session, all, choice }: { session: Session; all: readonly Choice[]; choice: Choice }) {
  const offered = all.slice(0, MOST);
  const listed = offered.includes(choice) ? offered : [choice, ...offered];
  const groups = [...new Set(listed.map(({ group }) => group))];
  return (
    <label class="curve-picker">
      Curve{" "}
      <select
        value={choice.id}
        onChange={(event) => {
          const curve = event.currentTarget.value;
          session.update((selection) => ({ ...selection, curve }));
        }}
      >
        {groups.map((group) => (
          <optgroup key={group} label={group}>
            {listed
              .filter((one) => one.group === group)
              .map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
      {all.length > MOST ? <span class="quiet">{` and ${all.length - MOST} more`}</span> : null}
    </label>
  );
}
