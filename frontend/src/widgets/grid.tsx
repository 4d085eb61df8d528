import { useEffect, useRef } from "preact/hooks";
import { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import type { Section } from "#src/state/columns";
import { known } from "#src/state/loaded";
import { viewOf } from "#src/views/by_modality";
import { tileHeight } from "#src/views/image";
import { ColumnHeads } from "#src/widgets/column_heads";
import { ExampleHead } from "#src/widgets/example_head";
import type { Page } from "#src/widgets/page";
import { Tile } from "#src/widgets/tile";
import { useVirtualRows } from "#src/widgets/virtual_rows";

type Item = { readonly section: Section; readonly example: number }; // example -1: the section's head

const CAPTION = 50; // CSS pixels below a tile, with the gap between rows

function Row({ page, section, example }: { page: Page; section: Section; example: number }) {
  const loaded = page.session.probes.get(section.hash);
  const probe = known(loaded);
  if (probe === undefined) {
    return (
      <p class="words">
        {loaded.state === "failed" ? `The probe cannot be shown: ${loaded.words}` : "loading the probe"}
      </p>
    );
  }
  const { tile } = page.session.selection.value;
  return (
    <div class="row">
      <ExampleHead section={section} probe={probe} example={example} tile={tile} />
      {section.columns.map((column) => (
        <div key={column.key} class="cell" style={{ width: `${viewOf(probe.modality).width(tile)}px` }}>
          <Tile page={page} section={section} column={column} probe={probe} example={example} />
        </div>
      ))}
    </div>
  );
}

/** Examples x (methods x runs). Only rows on screen exist. */
export function Grid({ page }: { page: Page }) {
  const { session } = page;
  const scroll = useRef<HTMLDivElement>(null);
  const sections = session.shown.sections.value;
  const { tile } = session.selection.value;
  const items: Item[] = sections.flatMap((section, at) => {
    const examples = known(session.probes.get(section.hash))?.examples ?? section.examples;
    const rows = Array.from({ length: Math.min(examples, MAX_ROWS) }, (_, example) => ({ section, example }));
    return at === 0 ? rows : [{ section, example: -1 }, ...rows];
  });
  const height = (index: number) => {
    const item = items[index];
    const probe = item && known(session.probes.get(item.section.hash));
    return (probe?.modality === Modality.IMAGE ? tileHeight(probe.inputs[0]?.shape ?? [], tile) : 240) + CAPTION;
  };
  const keyOf = (index: number) => `${items[index]?.section.hash}/${items[index]?.example}`;
  const rows = useVirtualRows(scroll, items.length, height, keyOf);
  const shown = rows
    .getVirtualItems()
    .flatMap((row) => (items[row.index] === undefined ? [] : [{ row, item: items[row.index]! }]));
  const visible = shown.map(({ item }) => keyOf(items.indexOf(item))).join();
  useEffect(() => {
    const bySection = new Map<string, number[]>();
    for (const { item } of shown) {
      if (item.example >= 0) {
        bySection.set(item.section.hash, [...(bySection.get(item.section.hash) ?? []), item.example]);
      }
    }
    session.visible.value = bySection;
  }, [visible]);
  const wide = tile > 168 - 12;
  const first = shown.find(({ row }) => row.end > (rows.scrollOffset ?? 0))?.item.section ?? sections[0];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section class={wide ? "grid wide" : "grid"} ref={scroll} tabIndex={0} aria-label="Attribution maps">
      {first === undefined ? null : <ColumnHeads page={page} section={first} />}
      <div class="rows" style={{ height: `${rows.getTotalSize()}px` }}>
        {shown.map(({ row, item }) => (
          <div
            key={row.key}
            class="virtual-row"
            data-index={row.index}
            ref={(element: HTMLDivElement | null) => rows.measureElement(element)}
            style={{ transform: `translateY(${row.start}px)` }}
          >
            {item.example < 0 ? (
              <ColumnHeads page={page} section={item.section} />
            ) : (
              <Row page={page} section={item.section} example={item.example} />
            )}
          </div>
        ))}
      </div>
    </section>
  );
}

/** A probe of more examples than this is not one that a person looks through; a log that claims so may lie. */
const MAX_ROWS = 10_000;
