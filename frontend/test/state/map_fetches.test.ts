import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import type { MapItem } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { MapStore } from "#src/data/map_store";
import type { Server } from "#src/data/server";
import { LOADING, type Loaded, ready } from "#src/state/loaded";
import { fetchMaps } from "#src/state/map_fetches";
import { type Across, DEFAULTS } from "#src/state/selection";
import { Shown } from "#src/state/shown";
import type { Sides } from "#src/state/sides";
import { indexOf } from "./index_fixture";

const STEPS = Array.from({ length: 100 }, (_, at) => 10 * at);
const INDEX = indexOf({ a: [{ tag: "ig", steps: STEPS }], b: [{ tag: "ig", steps: STEPS }] });
const METHODS = ["x", "y", "z"].map((tag) => ({ tag, steps: STEPS }));
const FIFTEEN = indexOf({ a: METHODS, b: METHODS, c: METHODS, d: METHODS, e: METHODS });

/** What one request asks for: of each series its steps. */
type Request = readonly (readonly [run: string, steps: readonly number[]])[];

function page(
  across: Across,
  { awake = true, index = INDEX, answers = false, coloured = true, sides = null as Sides | null } = {},
) {
  const requests: Request[] = [];
  const maps: Server["maps"] = (wanted) => {
    requests.push(wanted.map(({ run, steps }) => [run, steps] as const));
    return answers
      ? Promise.resolve([] as MapItem[]) // then each element is kept with an error
      : new Promise(() => {}); // never answered: what may come next is not asked for yet
  };
  const store = new MapStore({ maps } as Server, () => {});
  const all = index.runs.map((run) => run.run);
  const selection = signal({
    ...DEFAULTS,
    across,
    step: 500,
    runs: all,
    methods: ["ig", "x", "y", "z"],
    difference: sides,
  });
  const shown = new Shown(signal(ready(index)), selection);
  const histogram = signal<Loaded<string>>(coloured ? ready("counts") : LOADING);
  const histogramOf = () => histogram.value;
  const attention = { awake: signal(awake), visible: signal(new Map()), input: signal(0), histogramOf };
  const stop = fetchMaps(shown, attention, store, signal(0));
  const colour = () => (histogram.value = ready("counts"));
  return { requests, stop, colour, goTo: (step: number) => (selection.value = { ...selection.value, step }) };
}

const quiet = () => new Promise((tick) => setTimeout(tick, 20));
const AHEAD = [510, 490, 520, 480];

test("the step on screen is asked for first, all series in one request", () => {
  const { requests, stop } = page("runs");
  expect(requests).toEqual([
    [
      ["a/attribution", [500]],
      ["b/attribution", [500]],
    ],
  ]);
  stop();
});

test("nothing is asked for ahead of the colours of what is on screen", async () => {
  const { requests, stop, colour } = page("runs", { answers: true, coloured: false });
  await quiet();
  expect(requests.slice(1)).toEqual([[["a/attribution", [990]]]]);
  colour();
  await quiet();
  expect(requests[2]![0]![1].slice(0, AHEAD.length)).toEqual(AHEAD);
  stop();
});

test("the last step is asked for once of each kind of bars: of features, of units, of layers of two widths", async () => {
  const layers = (width: number) => [
    { tag: "ig", steps: STEPS, shape: [8] },
    { tag: "x", steps: STEPS, shape: [8] },
    { tag: "y", steps: STEPS, shape: [width], units: true },
  ];
  const index = indexOf({ a: layers(16), b: layers(64) });
  const { requests, stop } = page("methods", { index, answers: true, coloured: false });
  await quiet();
  expect(requests.slice(1)).toEqual([
    [
      ["a/attribution", [990]],
      ["a/attribution", [990]],
      ["b/attribution", [990]],
    ],
  ]);
  stop();
});

test("when it is here, those around it are asked for in another", async () => {
  const { requests, stop } = page("runs", { answers: true });
  await quiet();
  expect(requests[1]?.map(([run, steps]) => [run, steps.slice(0, 5), steps.length])).toEqual([
    ["a/attribution", [990, ...AHEAD], 33], // the last step first: bars are sorted by it
    ["b/attribution", [...AHEAD, 530], 32],
  ]);
  expect(requests.length).toBe(2);
  stop();
});

test("a film strip is one request for all series", () => {
  const strip = [0, 100, 200, 300, 400, 500];
  const { requests, stop } = page("steps");
  expect(requests[0]).toEqual([
    ["a/attribution", strip],
    ["b/attribution", strip],
  ]);
  stop();
});

test("a page that nobody sees asks for nothing", () => {
  expect(page("runs", { awake: false }).requests).toEqual([]);
});

test("3 methods x 5 runs: at most two requests for a step, one where it is here already", async () => {
  const { requests, stop, goTo } = page("runs", { index: FIFTEEN, answers: true });
  const made = async (step: number) => {
    requests.length = 0;
    goTo(step);
    await quiet();
    return requests.map((request) => [request.length, request.reduce((sum, [, steps]) => sum + steps.length, 0)]);
  };
  expect(await made(900)).toEqual([
    [15, 15],
    [15, 256],
  ]);
  // 17 steps around 900 are here: the next ones are what is left within reach.
  expect((await made(890)).map(([series]) => series)).toEqual([15]);
  expect(await made(0)).toEqual([
    [15, 15],
    [15, 240],
  ]);
  stop();
});

test("a side of a difference that stays at its own step comes with the step on screen", () => {
  const side = (step: number | null) => ({ run: "b/attribution", method: "ig", step });
  const { requests, stop } = page("runs", { sides: { a: side(30), b: side(null) } });
  expect(requests).toEqual([
    [
      ["a/attribution", [500]],
      ["b/attribution", [500, 30]],
    ],
  ]);
  stop();
});
