import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { same } from "#src/state/current";
import { known } from "#src/state/loaded";
import { tileHeight } from "#src/views/image";
import { ColumnHeads } from "#src/widgets/column_heads";
import { type Item, itemKey, itemsOf, linesOf, placeOf, rowsPerLine } from "#src/widgets/grid_items";
import type { Page } from "#src/widgets/page";
import { Row } from "#src/widgets/row";
import { useSelected } from "#src/widgets/selected";
import { useVirtualRows } from "#src/widgets/virtual_rows";

const CAPTION = 68; // CSS pixels below a tile, with the gap between rows
const WORDS = 64; // CSS pixels of a row of words

/** Says that nothing matched, and leads back. */
function NoneFound({ page }: { page: Page }) {
  return (
    <p class="words">
      No example matches what is looked for.{" "}
      <button type="button" class="choice" onClick={() => page.rows.clear()}>
        Show all examples
      </button>
    </p>
  );
}

function Line({ page, item }: { page: Page; item: Item }) {
  switch (item.kind) {
    case "row":
      return <Row page={page} section={item.section} example={item.example} />;
    case "head":
      return <ColumnHeads page={page} section={item.section} />;
    case "none":
      return <NoneFound page={page} />;
    case "words":
      return <p class="words">{item.words}</p>;
  }
}

/** Examples x (methods x runs). Only rows on screen exist. */
export function Grid({ page }: { page: Page }) {
  const { session } = page;
  const scroll = useRef<HTMLDivElement>(null);
  const sections = session.shown.sections.value;
  const { tile } = useSelected(session, "tile");
  const found = sections.map((section) => page.rows.of(section));
  const items = useMemo(() => itemsOf(sections, found), [sections, ...found]);
  const [perLine, setPerLine] = useState(1);
  const lines = useMemo(() => linesOf(items, perLine), [items, perLine]);
  const height = (index: number) => {
    const item = lines[index]?.[0];
    if (item !== undefined && item.kind !== "row") {
      return WORDS;
    }
    const probe = item && known(session.probes.get(item.section.hash));
    return (
      (probe?.modality === Modality.IMAGE ? tileHeight(probe.inputs[probe.shown]?.shape ?? [], tile) : 240) + CAPTION
    );
  };
  const keyOf = useCallback((index: number) => itemKey(lines[index]?.[0]), [lines]);
  const rows = useVirtualRows(scroll, lines.length, height, keyOf);
  const shown = rows
    .getVirtualItems()
    .flatMap((row) => (lines[row.index] === undefined ? [] : [{ row, line: lines[row.index]! }]));
  const visible = shown.map(({ line }) => line.map(itemKey)).join();
  useEffect(() => {
    const bySection = new Map<string, number[]>();
    for (const item of shown.flatMap(({ line }) => line)) {
      if (item.kind === "row") {
        bySection.set(item.section.hash, [...(bySection.get(item.section.hash) ?? []), item.example]);
      }
    }
    session.visible.value = bySection;
  }, [visible]);
  const below = shown.filter(({ row }) => row.end > (rows.scrollOffset ?? 0));
  const top = below.flatMap(({ line }) => line.flatMap((item) => (item.kind === "row" ? [item] : [])))[0];
  page.current.top = top === undefined ? null : placeOf(top);
  const wanted = page.current.wanted.value;
  useLayoutEffect(() => {
    // What the heads cover is not in view.
    const heads = scroll.current?.querySelector<HTMLElement>(":scope > .heads, :scope > .heads-line");
    scroll.current?.style.setProperty("scroll-padding-top", `${heads?.offsetHeight ?? 0}px`);
    if (wanted === null) {
      return;
    }
    const at = lines.findIndex((line) => line.some((item) => item.kind === "row" && same(placeOf(item), wanted)));
    if (at < 0) {
      page.current.wanted.value = null;
    } else if (!shown.some(({ row }) => row.index === at)) {
      rows.scrollToIndex(at, { align: "auto" }); // once it is there it takes the focus
    }
  }, [wanted, lines]);
  const fit = () => setPerLine(sections.length === 1 && scroll.current !== null ? rowsPerLine(scroll.current) : 1);
  useLayoutEffect(fit);
  useEffect(() => {
    const observer = new ResizeObserver(fit);
    scroll.current !== null && observer.observe(scroll.current);
    return () => observer.disconnect();
  }, [sections]);
  const first = below[0]?.line[0]?.section ?? sections[0];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section class="grid" ref={scroll} tabIndex={0} aria-label="Attribution maps">
      {first === undefined ? null : perLine === 1 ? (
        <ColumnHeads page={page} section={first} />
      ) : (
        <div class="heads-line">
          {Array.from({ length: perLine }, (_, at) => (
            <ColumnHeads key={at} page={page} section={first} />
          ))}
        </div>
      )}
      <div class="rows" style={{ height: `${rows.getTotalSize()}px` }}>
        {shown.map(({ row, line }) => (
          <div
            key={row.key}
            class={perLine === 1 ? "virtual-row" : "virtual-row line"}
            data-index={row.index}
            ref={(element: HTMLDivElement | null) => rows.measureElement(element)}
            style={{ transform: `translateY(${row.start}px)` }}
          >
            {line.map((item) => (
              <Line key={itemKey(item)} page={page} item={item} />
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}
