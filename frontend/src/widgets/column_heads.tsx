import { type MapSeries, Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { isReduced, shapeWords } from "#src/data/probe";
import { unturned } from "#src/math/names";
import { stepName } from "#src/math/numerals";
import type { BarOrder } from "#src/state/bar_order";
import { type Column, inputOf, modalityOf, type Section, seriesOf } from "#src/state/columns";
import { epochAt } from "#src/state/epochs";
import { known } from "#src/state/loaded";
import { shownStep } from "#src/state/tile";
import { columnWidth, exampleWidth } from "#src/widgets/column_width";
import { DifferencePart, differenceIn, SideMark } from "#src/widgets/difference_part";
import { orderOf } from "#src/widgets/order_of";
import type { Page } from "#src/widgets/page";
import { RunDot, runLabel } from "#src/widgets/run_picker";
import { useSelected } from "#src/widgets/selected";
import { WarmthBadge } from "#src/widgets/warmth_badge";

function parameterWords(maps: MapSeries): string {
  return unturned(maps.parameters.map((parameter) => `${parameter.name}=${parameter.value}`).join(", "));
}

/** What the cells of a series are, and what a picture makes of them, in words. */
export function gridWords(maps: MapSeries, input: number, modality: Modality): string {
  const grid = maps.grids[input];
  if (grid === undefined) {
    return "";
  }
  const reduced = isReduced(grid) ? `, ${maps.perPlace ? "means" : "sums"} of ${shapeWords(grid.methodShape)}` : "";
  const summed = maps.channelsSummed && grid.methodShape.length > grid.shape.length ? ", channels summed" : "";
  const channels = modality === Modality.IMAGE ? (grid.shape[2] ?? 1) : 1;
  const drawn = channels > 1 ? `, drawn as the sum of ${channels} channels` : "";
  return `${shapeWords(grid.shape)} ${maps.units ? "units" : "cells"}${reduced}${summed}${drawn}`;
}

/** What the bars of a column are, or will be, sorted by, in words as long as these; none where they are not. */
export function orderWords(orders: Pick<BarOrder, "of">, section: Section, shown: Column, modality: Modality): string {
  const order = orderOf(orders, section, shown, modality);
  return order === undefined
    ? ""
    : `${order.features === undefined ? "sorting" : "sorted"} by mean |score| at step ${order.step} of ${order.column.tag} in ${runLabel(order.column.run)}`;
}

function limits(maps: MapSeries): string {
  const notes = [
    maps.classSensitive ? "" : "the same for every class",
    maps.weightSensitive ? "" : "hardly depends on the weights",
  ];
  return notes.filter(Boolean).join("; ");
}

/** The step that a column of a film strip stays at. */
function columnStepWords(column: Column, asked: number): string {
  const step = shownStep(column, asked)?.step ?? asked;
  return stepName(step, epochAt(column.run, step));
}

/** How a series was made. */
function Description({ maps, grid, order }: { maps: MapSeries; grid: string; order: string }) {
  const notes = limits(maps);
  return (
    <>
      <div class="quiet lines" title={parameterWords(maps)}>
        {parameterWords(maps) || "no parameters"}
      </div>
      <div class="quiet lines" title={grid}>
        {grid}
      </div>
      {order === "" ? null : (
        <div class="quiet lines" title={order}>
          {order}
        </div>
      )}
      {notes === "" ? null : <div class="quiet lines">{notes}</div>}
    </>
  );
}

/** Names of the columns: method with its parameters, and run. */
export function ColumnHeads({ page, section }: { page: Page; section: Section }) {
  const { session } = page;
  const probe = known(session.probes.get(section.hash));
  const { tile, input } = useSelected(session, "tile", "input");
  const style = (column: Column) => ({ width: `${columnWidth(column, probe, input, tile)}px` });
  const modalityIn = (column: Column) => modalityOf(column, probe, inputOf(column, input));
  // A strip says once what all of it is.
  const described = new Set(seriesOf(section.columns));
  const pair = differenceIn(session, section);
  return (
    <div class="heads" style={{ "--example": `${exampleWidth(probe, tile)}px` }}>
      <div class="example-head">
        {probe === undefined ? "" : `${probe.examples} example${probe.examples === 1 ? "" : "s"}`}
        {probe?.baseline ? <div class="quiet lines" title={probe.baseline}>{`baseline: ${probe.baseline}`}</div> : null}
      </div>
      {section.columns.map((column) => {
        const maps = column.series?.maps;
        return (
          <div key={column.key} class="head" style={style(column)}>
            <div class="head-run" title={column.run.run}>
              <RunDot run={column.run} session={session} />
              {runLabel(column.run)}
              <SideMark session={session} column={column} />
            </div>
            <div class="head-method" title={column.tag}>
              {unturned(maps?.method || column.tag)}
            </div>
            {column.step === undefined ? null : <div class="head-step">{columnStepWords(column, column.step)}</div>}
            {maps === undefined ? null : <WarmthBadge page={page} column={column} maps={maps} />}
            {maps === undefined || !described.has(column) ? null : (
              <Description
                maps={maps}
                grid={gridWords(maps, inputOf(column, input), modalityIn(column))}
                order={orderWords(page.barOrder, section, column, modalityIn(column))}
              />
            )}
          </div>
        );
      })}
      {pair === undefined ? null : (
        <div class="head" style={style(pair.a)}>
          <DifferencePart page={page}>
            {({ DifferenceHead, difference }) => <DifferenceHead session={session} difference={difference} />}
          </DifferencePart>
        </div>
      )}
    </div>
  );
}
