import type { Section } from "#src/state/columns";
import type { Place } from "#src/state/current";
import type { Found } from "#src/state/found";

/** What stands in one line of the grid. */
export type Item =
  | { readonly kind: "head"; readonly section: Section }
  | { readonly kind: "none"; readonly section: Section }
  | { readonly kind: "words"; readonly section: Section; readonly words: string }
  | { readonly kind: "row"; readonly section: Section; readonly example: number };

/** The same for the same thing, wherever it stands. */
export function itemKey(item: Item | undefined): string {
  return `${item?.section.hash}/${item?.kind === "row" ? item.example : item?.kind}`;
}

export function placeOf({ section, example }: Extract<Item, { kind: "row" }>): Place {
  return { hash: section.hash, example };
}

/** What stands below one another: sections, their heads from the second on, their rows or words. */
export function itemsOf(sections: readonly Section[], found: readonly Found[]): Item[] {
  return sections.flatMap((section, at): Item[] => {
    const own = found[at]!;
    const head: Item[] = at === 0 ? [] : [{ kind: "head", section }];
    if ("words" in own) {
      return [...head, { kind: "words", section, words: own.words }];
    }
    const none: Item[] = own.rows.matching === 0 && own.of > 0 ? [{ kind: "none", section }] : [];
    const rows = own.rows.examples.map((example): Item => ({ kind: "row", section, example }));
    return [...head, ...rows.slice(0, own.rows.pinned), ...none, ...rows.slice(own.rows.pinned)];
  });
}

/** As many rows side by side as fit; anything else has a line of its own. */
export function linesOf(items: readonly Item[], perLine: number): Item[][] {
  const lines: Item[][] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (item.kind === "row" && last?.[0]?.kind === "row" && last.length < perLine) {
      last.push(item);
    } else {
      lines.push([item]);
    }
  }
  return lines;
}

/** A narrower grid has one row in a line. CSS pixels. */
const WIDE = 2000;
const GAP = 24;

/** How many rows lie side by side, by the width of the heads of one. */
export function rowsPerLine(grid: HTMLElement): number {
  const last = grid.querySelector<HTMLElement>(".heads > :last-child");
  const width = last === null ? 0 : last.offsetLeft + last.offsetWidth + GAP;
  return grid.clientWidth < WIDE || width === 0 ? 1 : Math.max(1, Math.floor(grid.clientWidth / width));
}
