import type { ComponentChildren } from "preact";
import { type Column, hashOf, type Section } from "#src/state/columns";
import type { Session } from "#src/state/session";
import type { start } from "#src/widgets/difference";
import type { Page } from "#src/widgets/page";

export type DifferenceParts = ReturnType<typeof start>;

/** Whether the difference stands among the columns of a section: it shares A's rows. */
export function hasDifference({ shown }: Session, section: Section): boolean {
  return shown.pair.value !== undefined && hashOf(shown.pair.value.a) === section.hash;
}

/** Marks the column that is a side of the difference. */
export function SideMark({ session: { shown }, column }: { session: Session; column: Column }) {
  const marks = Object.entries(shown.pair.value ?? {}).filter(
    ([, side]: [string, Column]) => side.seriesKey === column.seriesKey && shown.stepOf(side) === shown.stepOf(column),
  );
  return marks.map(([name]) => (
    <b key={name} class="side-mark" title={`${name.toUpperCase()} of the difference`}>
      {name.toUpperCase()}
    </b>
  ));
}

/** A part of the difference column, or why it is not there (yet). */
export function DifferencePart({
  page,
  children,
}: {
  page: Page;
  children: (parts: DifferenceParts) => ComponentChildren;
}) {
  const loaded = page.difference.get();
  if (loaded.state === "ready") {
    return children(loaded.value);
  }
  const failed = loaded.state === "failed";
  const words = failed ? `The difference cannot be shown: ${loaded.words}` : "loading the difference";
  return <div class={failed ? "tile failed" : "tile busy"}>{words}</div>;
}
