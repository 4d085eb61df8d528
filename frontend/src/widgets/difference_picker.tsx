import type { Session } from "#src/state/session";
import { compare, type Side, sideOf } from "#src/state/sides";
import { runLabel } from "#src/widgets/run_picker";

/** Names of the sides, in the order in which they are chosen. */
const SIDES = ["a", "b"] as const;

/** What a difference may be made of: the columns on screen, and what was chosen and is no column now. */
function Choice({ session, side }: { session: Session; side: (typeof SIDES)[number] }) {
  const { shown, selection } = session;
  const sides = selection.value.difference;
  if (sides === null) {
    return null;
  }
  const offered = new Map<string, string>();
  // The step comes first: a select cuts off what is long.
  const offer = ({ run, method, step }: Side, label: string, onScreen: string) => {
    const at = step === null ? onScreen : `step ${step} · `;
    offered.set(JSON.stringify([run, method, step]), `${at}${label} · ${method}`);
  };
  for (const column of shown.columns.value.filter(({ series }) => series !== undefined)) {
    const onScreen = column.step === undefined ? "" : "step on screen · ";
    offer(sideOf(column, shown.step.value), runLabel(column.run), onScreen);
  }
  const chosen = sides[side];
  const now = JSON.stringify([chosen.run, chosen.method, chosen.step]);
  if (!offered.has(now)) {
    offer(chosen, chosen.run, "");
  }
  return (
    <label class="side-choice">
      <b class="side-mark">{side.toUpperCase()}</b>
      <select
        aria-label={`${side.toUpperCase()} of the difference B − A`}
        value={now}
        onChange={(event) => {
          const [run, method, step] = JSON.parse(event.currentTarget.value) as [string, string, number | null];
          session.update((was) => compare(was, { ...sides, [side]: { run, method, step } }));
        }}
      >
        {[...offered].map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Chooses both sides of the difference. */
export function DifferencePicker({ session }: { session: Session }) {
  return SIDES.map((side) => <Choice key={side} session={session} side={side} />);
}
