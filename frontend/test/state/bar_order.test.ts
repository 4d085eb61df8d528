import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import type { StoredMaps } from "#src/data/maps";
import { BarOrder } from "#src/state/bar_order";
import { type Column, columnsOf, sections } from "#src/state/columns";
import { DEFAULTS } from "#src/state/selection";
import { indexOf } from "./index_fixture";

const LAYERS = indexOf({
  a: [{ tag: "layer_conductance", shape: [3], units: true }],
  b: [{ tag: "layer_conductance", shape: [5], units: true }],
  c: [{ tag: "layer_conductance", shape: [5], units: true }],
});
const SECTION = sections(LAYERS, { ...DEFAULTS, runs: null })[0]!;

/** Maps of one example: of unit u, u where runs are named a or b, -u in c. */
function maps({ series, run }: Column): StoredMaps {
  const sign = run.group === "c" ? -1 : 1;
  const values = Float32Array.from({ length: series!.maps!.grids[0]!.shape[0]! }, (_, unit) => sign * unit);
  return { count: 1, values: () => values } as unknown as StoredMaps;
}

test("layers of two widths have an order each, with every unit in it; those of one width share the first", () => {
  const atlas = (column: Column) => ({ map: { maps: maps(column), index: 0 } });
  const orders = new BarOrder({ input: signal(0), atlas });
  const found = columnsOf([SECTION]).map((column) => orders.of(SECTION, column)!);
  expect(found.map(({ features }) => features)).toEqual([
    [2, 1, 0],
    [4, 3, 2, 1, 0],
    [4, 3, 2, 1, 0],
  ]);
  expect(found.map(({ column, step }) => [column.run.group, step])).toEqual([
    ["a", 10],
    ["b", 10],
    ["b", 10],
  ]);
});
