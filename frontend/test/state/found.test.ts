import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { ErrorKind, type ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { CurrentExample } from "#src/state/current";
import { FoundRows, judge, type RowSources } from "#src/state/found";
import { LOADING, type Loaded, ready } from "#src/state/loaded";
import { DEFAULTS, type Selection } from "#src/state/selection";
import { type SeriesStats, StatColumn } from "#src/state/series_stats";
import { Shown } from "#src/state/shown";
import { indexOf } from "./index_fixture";

/** Drift of the four examples grows with their number at step 0, and falls with it at step 10. */
const STATS = {
  steps: [0, 10],
  at: (step: number, example: number, column: StatColumn) =>
    column === StatColumn.STAT_DRIFT ? (step === 0 ? example : -example) : Number.NaN,
} as Partial<SeriesStats> as SeriesStats;

const PROBE = { examples: 4, names: ["a", "b", "c", "d"], labels: [0, 0, 1, 1], tokens: [] };

function page(asked: Partial<Selection> = {}) {
  const selection = signal<Selection>({ ...DEFAULTS, ...asked });
  const stats = signal<Loaded<SeriesStats>>(ready(STATS));
  const probe = ready(PROBE as Partial<ProbeBlob> as ProbeBlob);
  const index = signal(ready(indexOf({ run: [{ tag: "ig" }, { tag: "zed", hash: "other" }] })));
  const session: RowSources = {
    selection,
    probes: { get: () => probe },
    shown: new Shown(index, selection),
    statsOf: () => stats.value,
    update: (change: (now: Selection) => Selection) => {
      selection.value = change(selection.value);
    },
  };
  const rows = new FoundRows(session);
  rows.follow();
  const order = (at = 0) => {
    const found = rows.of(session.shown.sections.value[at]!);
    return "rows" in found ? found.rows.examples : found.words;
  };
  return { selection, stats, session, rows, order, current: new CurrentExample(rows) };
}

test("rows stay as they were found while the step changes, until they are asked for again", () => {
  const { selection, rows, order } = page({ step: 0 });
  rows.set({ sort: "-drift" });
  expect([selection.value.rowsStep, order()]).toEqual([0, [3, 2, 1, 0]]);
  selection.value = { ...selection.value, step: 10 };
  expect([selection.value.rowsStep, order()]).toEqual([0, [3, 2, 1, 0]]);
  rows.again();
  expect([selection.value.rowsStep, order()]).toEqual([10, [0, 1, 2, 3]]);
});

test("a link's step of judgement holds, and one without gets the step on screen", () => {
  expect(page({ step: 10, sort: "-drift", rowsStep: 0 }).order()).toEqual([3, 2, 1, 0]);
  expect(page({ sort: "-drift" }).selection.value.rowsStep).toBe(10);
});

test("what the probe alone decides belongs to no step", () => {
  const { selection, rows, order } = page({ sort: "-drift" });
  rows.set({ sort: "id", label: 1 });
  expect([selection.value.rowsStep, order()]).toEqual([null, [2, 3]]);
});

test("rows are the same object while only looks and the step change", () => {
  const { selection, session, rows } = page({ step: 0, label: 0 });
  const found = () => rows.of(session.shown.sections.value[0]!);
  const before = found();
  selection.value = { ...selection.value, step: 10, opacity: 0.1 };
  expect(found()).toBe(before);
});

test("rows wait for the numbers that they are found by, and say why there are none", () => {
  const { stats, rows, order } = page({ step: 0 });
  stats.value = LOADING;
  expect(order()).toEqual([0, 1, 2, 3]);
  rows.set({ outcome: "wrong" });
  expect(order()).toBe("Reading what the examples are found by");
  stats.value = { state: "failed", words: "no such tag" };
  expect(order()).toBe("The numbers that examples are found by cannot be read: no such tag.");
});

test("the way back shows everything and leaves the pins", () => {
  const { rows, order, selection } = page({ text: "zebra", pins: { h: [2] } });
  expect(order()).toEqual([2]);
  rows.clear();
  expect([order(), selection.value.pins]).toEqual([[2, 0, 1, 3], { h: [2] }]);
});

test("keys walk through the rows of every section and stop at the ends", () => {
  const { current, rows } = page({ label: null });
  rows.set({ label: 1 });
  current.top = { hash: "h", example: 3 };
  const seen = [1, -1, -1, 1, 1, 1, 1].map((by) => {
    current.move(by as 1 | -1);
    return `${current.place.value?.hash}${current.place.value?.example}`;
  });
  expect(seen).toEqual(["h3", "h2", "h2", "h3", "other2", "other3", "other3"]);
});

test("a pinned row goes first, and the row behind it comes next", () => {
  const { current, order } = page();
  current.goTo({ hash: "h", example: 2 });
  current.pin();
  expect(order()).toEqual([2, 0, 1, 3]);
  expect(order(1)).toEqual([0, 1, 2, 3]);
  expect(current.wanted.value).toEqual({ hash: "h", example: 3 });
  current.pin({ hash: "h", example: 2 });
  expect(order()).toEqual([0, 1, 2, 3]);
});

test("keys never act on a row that is not found any more", () => {
  const { current, rows, selection } = page();
  current.goTo({ hash: "h", example: 0 });
  rows.set({ label: 1 });
  current.top = { hash: "h", example: 2 };
  current.pin();
  expect(selection.value.pins).toEqual({ h: [2] });
});

test("rows are judged by the first column; by residual, by the first of its run whose method says how wrong it is", () => {
  const error = { tag: "ig", errorKind: ErrorKind.ERROR_GAP };
  const index = signal(ready(indexOf({ a: [{ tag: "cam" }, error], b: [{ tag: "cam" }, error] })));
  const [section] = new Shown(index, signal(DEFAULTS)).sections.value;
  const by = (find: Partial<Selection>) => judge(section!, { ...DEFAULTS, ...find })?.key;
  expect(by({ sort: "drift" })).toBe('["a/attribution","cam"]');
  expect(by({ sort: "-residual" })).toBe('["a/attribution","ig"]');
  expect(by({ residual: [0.1, 1] })).toBe('["a/attribution","ig"]');
  const without = new Shown(signal(ready(indexOf({ a: [{ tag: "cam" }], b: [error] }))), signal(DEFAULTS));
  expect(judge(without.sections.value[0]!, { ...DEFAULTS, sort: "residual" })?.key).toBe('["a/attribution","cam"]');
});
