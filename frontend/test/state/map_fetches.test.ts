import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { MapStore } from "#src/data/map_store";
import type { Server } from "#src/data/server";
import { ready } from "#src/state/loaded";
import { fetchMaps } from "#src/state/map_fetches";
import { type Across, DEFAULTS } from "#src/state/selection";
import { Shown } from "#src/state/shown";
import { indexOf } from "./index_fixture";

const STEPS = Array.from({ length: 100 }, (_, at) => 10 * at);
const INDEX = indexOf({ a: [{ tag: "ig", steps: STEPS }], b: [{ tag: "ig", steps: STEPS }] });

/** Requests that are made at once: run, steps, elements. */
function asked(across: Across, awake = true) {
  const requests: [string, number[], number[]][] = [];
  const maps = (run: string, _tag: string, steps: number[], elements: number[]) => {
    requests.push([run, steps, elements]);
    return new Promise(() => {}); // never answered: what may come next is not asked for yet
  };
  const store = new MapStore({ maps } as unknown as Server, () => {});
  const shown = new Shown(signal(ready(INDEX)), signal({ ...DEFAULTS, across, step: 500 }));
  fetchMaps(shown, { awake: signal(awake), visible: signal(new Map()) }, store, signal(0))();
  return requests;
}

test("the step on screen is asked for first, one request for each series", () => {
  expect(asked("runs")).toEqual([
    ["a/attribution", [500], [0]],
    ["b/attribution", [500], [0]],
  ]);
});

test("a film strip is one request for each series", () => {
  const strip = [0, 100, 200, 300, 400, 500];
  expect(asked("steps")).toEqual([
    ["a/attribution", strip, [0]],
    ["b/attribution", strip, [0]],
  ]);
});

test("a page that nobody sees asks for nothing", () => {
  expect(asked("runs", false)).toEqual([]);
});
