import { type MapSeries, Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { isReduced, shapeWords } from "#src/data/probe";
import { inputOf, type Section } from "#src/state/columns";
import { known } from "#src/state/loaded";
import { viewOf } from "#src/views/by_modality";
import type { Page } from "#src/widgets/page";
import { RunDot, runLabel } from "#src/widgets/run_picker";

function parameterWords(maps: MapSeries): string {
  return maps.parameters.map((parameter) => `${parameter.name}=${parameter.value}`).join(", ");
}

/** What the cells of a series are, in words. */
function gridWords(maps: MapSeries, input: number): string {
  const grid = maps.grids[input];
  if (grid === undefined) {
    return "";
  }
  const reduced = isReduced(grid) ? `, sums of ${shapeWords(grid.methodShape)}` : "";
  const summed = maps.channelsSummed && grid.methodShape.length > grid.shape.length ? ", channels summed" : "";
  return `${shapeWords(grid.shape)} cells${reduced}${summed}`;
}

function limits(maps: MapSeries): string {
  const notes = [
    maps.classSensitive ? "" : "the same for every class",
    maps.weightSensitive ? "" : "hardly depends on the weights",
  ];
  return notes.filter(Boolean).join("; ");
}

/** Names of the columns: method with its parameters, and run. */
export function ColumnHeads({ page, section }: { page: Page; section: Section }) {
  const { session } = page;
  const probe = known(session.probes.get(section.hash));
  const { tile, input } = session.selection.value;
  const width = viewOf(probe?.modality ?? Modality.UNKNOWN).width(tile);
  return (
    <div class="heads">
      <div class="example-head">
        {probe === undefined ? "" : `${probe.examples} examples`}
        {probe?.baseline ? <div class="quiet lines" title={probe.baseline}>{`baseline: ${probe.baseline}`}</div> : null}
      </div>
      {section.columns.map((column) => {
        const maps = column.series?.maps;
        const notes = maps === undefined ? "" : limits(maps);
        return (
          <div key={column.key} class="head" style={{ width: `${width}px` }}>
            <div class="head-run" title={column.run.run}>
              <RunDot run={column.run} session={session} />
              {runLabel(column.run)}
            </div>
            <div class="head-method" title={column.tag}>
              {maps?.method || column.tag}
            </div>
            {maps === undefined ? null : (
              <>
                <div class="quiet lines" title={parameterWords(maps)}>
                  {parameterWords(maps) || "no parameters"}
                </div>
                <div class="quiet lines" title={gridWords(maps, inputOf(column, input))}>
                  {gridWords(maps, inputOf(column, input))}
                </div>
                {notes === "" ? null : <div class="quiet lines">{notes}</div>}
              </>
            )}
          </div>
        );
      })}
    </div>
  );
}
