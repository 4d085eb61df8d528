import type { ComponentChildren } from "preact";
import { type Column, hashOf, type Section } from "#src/state/columns";
import type { Session } from "#src/state/session";
import type { Pair } from "#src/state/sides";
import type { start } from "#src/widgets/difference";
import type { Page } from "#src/widgets/page";

export type DifferenceParts = ReturnType<typeof start>;

/** The difference that stands among the columns of a section, where there is one: it shares A's rows, and is drawn like A. */
export function differenceIn({ shown }: Pick<Session, "shown">, section: Section): Pair | undefined {
  const pair = shown.pair.value;
  return pair !== undefined && hashOf(pair.a) === section.hash ? pair : undefined;
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
