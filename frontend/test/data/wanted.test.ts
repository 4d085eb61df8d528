import { expect, test } from "vitest";
import type { MapKey, MapStore } from "#src/data/map_store";
import { WantedMaps } from "#src/data/wanted";

interface Fetch {
  readonly steps: number[];
  readonly signal: AbortSignal;
  readonly done: () => void;
}

function key(step: number): MapKey {
  return { run: "r", tag: "t", step, wallTime: 0, element: 0, inputs: 1 };
}

function recording(): { wanted: WantedMaps; fetches: Fetch[] } {
  const fetches: Fetch[] = [];
  const load = (keys: readonly MapKey[], signal: AbortSignal) =>
    new Promise<void>((done) => fetches.push({ steps: keys.map((one) => one.step), signal, done }));
  return { wanted: new WantedMaps({ has: () => false, load } as unknown as MapStore), fetches };
}

test("the screen comes first and at once, the rest two at a time", async () => {
  const { wanted, fetches } = recording();
  wanted.want([[key(5)]], [[key(6)], [key(4)], [key(7)]]);
  expect(fetches.map((fetch) => fetch.steps)).toEqual([[5], [6]]);
  fetches[0]!.done();
  await new Promise((tick) => setTimeout(tick));
  expect(fetches.map((fetch) => fetch.steps)).toEqual([[5], [6], [4]]);
});

test("a new wish aborts what it has no use for, keeps what it shares, and asks for nothing twice", () => {
  const { wanted, fetches } = recording();
  wanted.want([[key(1)]], [[key(2)]]);
  wanted.want([[key(2)]], [[key(3)]]);
  expect(fetches.map(({ steps, signal }) => [steps, signal.aborted])).toEqual([
    [[1], true],
    [[2], false],
    [[3], false],
  ]);
});
