import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Column, Section } from "#src/state/columns";
import { same } from "#src/state/current";
import { known } from "#src/state/loaded";
import { columnWidth, exampleWidth } from "#src/widgets/column_width";
import { DifferencePart, differenceIn } from "#src/widgets/difference_part";
import { ExampleHead, exampleName } from "#src/widgets/example_head";
import { followGestures } from "#src/widgets/gestures";
import type { Page } from "#src/widgets/page";
import { useSelected } from "#src/widgets/selected";
import { Tile } from "#src/widgets/tile";

/** An example and its maps. Keys move from one to the next. */
export function Row({ page, section, example }: { page: Page; section: Section; example: number }) {
  const element = useRef<HTMLDivElement>(null);
  const here = { hash: section.hash, example };
  const current = same(page.current.place.value, here);
  const wanted = same(page.current.wanted.value, here);
  useLayoutEffect(() => {
    if (wanted && element.current !== null) {
      page.current.wanted.value = null;
      element.current.focus({ preventScroll: true });
      element.current.scrollIntoView({ block: "nearest" });
    }
  });
  const { tile, pins, input } = useSelected(page.session, "tile", "pins", "input");
  const loaded = page.session.probes.get(section.hash);
  const probe = known(loaded);
  useEffect(
    () => (element.current === null ? undefined : followGestures(page, here, element.current)),
    [section.hash, example, probe === undefined],
  );
  if (probe === undefined) {
    return (
      <p class="words">
        {loaded.state === "failed" ? `The probe cannot be shown: ${loaded.words}` : "loading the probe"}
      </p>
    );
  }
  const pinned = pins[section.hash]?.includes(example) ?? false;
  const style = (column: Column) => ({ width: `${columnWidth(column, probe, input, tile)}px` });
  const pair = differenceIn(page.session, section);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups controls, this is an example and its maps
    <div
      class={pinned ? "row pinned" : "row"}
      ref={element}
      style={{ "--example": `${exampleWidth(probe, tile)}px` }}
      role="group"
      aria-label={`${exampleName(probe, example)}${pinned ? ", pinned" : ""}`}
      aria-current={current ? "true" : undefined}
      tabIndex={current ? 0 : -1}
      onFocusIn={() => {
        page.current.place.value = here;
      }}
    >
      <ExampleHead
        page={page}
        section={section}
        probe={probe}
        example={example}
        tile={tile}
        pinned={pinned}
        onPin={() => page.current.pin(here)}
      />
      {section.columns.map((column) => (
        <div key={column.key} class="cell" style={style(column)}>
          <Tile page={page} section={section} column={column} probe={probe} example={example} />
        </div>
      ))}
      {pair === undefined ? null : (
        <div class="cell" style={style(pair.a)}>
          <DifferencePart page={page}>
            {({ DifferenceTile, difference }) => (
              <DifferenceTile page={page} difference={difference} section={section} probe={probe} example={example} />
            )}
          </DifferencePart>
        </div>
      )}
    </div>
  );
}
