import { useState } from "preact/hooks";
import { unreachable, words } from "#src/data/server";
import { unturned } from "#src/math/names";
import { seriesOf } from "#src/state/columns";
import { known } from "#src/state/loaded";
import type { Session } from "#src/state/session";
import { askedInVain } from "#src/state/vain";

/** Why the page may show less than there is. */
function outage({ reloadFailure, reached }: Session): string[] {
  if (!reached.value) {
    return [words(unreachable())];
  }
  return reloadFailure.value === "" ? [] : [`Reload failed, the page shows what it had: ${reloadFailure.value}`];
}

/** What could not be read, what a link asked for in vain. */
export function Notices({ session, complaints }: { session: Session; complaints: readonly string[] }) {
  const [closed, close] = useState("");
  const index = known(session.index.value);
  const columns = session.shown.columns.value;
  const lines = [
    ...outage(session),
    ...complaints,
    ...(index === undefined ? [] : askedInVain(index, columns, session.asked.value)),
    ...seriesOf(columns).flatMap((column) =>
      (known(session.statsOf(column))?.problems ?? []).map(
        (problem) => `${column.run.run} · ${column.tag}: ${problem}`,
      ),
    ),
    ...(index?.problems ?? []).map((p) => `${[p.run, p.tag].filter(Boolean).join(" · ")}: ${p.message}`),
  ];
  if (lines.length === 0 || closed === lines.join()) {
    return null;
  }
  return (
    <div class="notices" role="status">
      <ul>
        {lines.slice(0, 50).map((line) => (
          <li key={line}>{unturned(line)}</li>
        ))}
      </ul>
      <button type="button" class="choice" onClick={() => close(lines.join())}>
        Close
      </button>
    </div>
  );
}
