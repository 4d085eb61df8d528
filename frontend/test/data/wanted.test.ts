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

test("the screen comes first and at once, the rest one after another", async () => {
  const { wanted, fetches } = recording();
  const asked = () => fetches.map((fetch) => fetch.steps);
  wanted.want([[key(5)], [key(8)]], [[key(6)], [key(4)], [key(7)]]);
  expect(asked()).toEqual([[5], [8]]);
  for (const [done, next] of [
    [0, undefined],
    [1, 6],
    [2, 4],
  ] as const) {
    const before = asked();
    fetches[done]!.done();
    await new Promise((tick) => setTimeout(tick));
    expect(asked()).toEqual(next === undefined ? before : [...before, [next]]);
  }
});

test("a new wish aborts what it has no use for, keeps what it shares, and asks for nothing twice", () => {
  const { wanted, fetches } = recording();
  wanted.want([[key(1)], [key(2)]], []);
  wanted.want([[key(2)], [key(3)]], []);
  expect(fetches.map(({ steps, signal }) => [steps, signal.aborted])).toEqual([
    [[1], true],
    [[2], false],
    [[3], false],
  ]);
});
