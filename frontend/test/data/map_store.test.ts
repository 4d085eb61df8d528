import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { MapItem } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { type MapKey, MapStore } from "#src/data/map_store";
import { type Server, ServerError } from "#src/data/server";

const BLOB = new Uint8Array(readFileSync(new URL("../../../tests/golden/atlas_int8.bin", import.meta.url)));
const SIZE = 3 * 49 + 256; // three 7 x 7 maps of one byte each, and what an entry costs

function key(step: number, wallTime = 1, run = "r"): MapKey {
  return { run, tag: "t", step, wallTime, element: 0, inputs: 1 };
}

function storing(budget: number, broken: number[] = []) {
  const asked: number[][] = [];
  const maps: Server["maps"] = async ([series]) => {
    const steps = [...(series?.steps ?? [])];
    asked.push(steps);
    return steps.map((step) => ({
      series: 0,
      step,
      element: 0,
      blob: broken.includes(step) ? BLOB.slice(1) : BLOB,
      error: "",
    })) as MapItem[];
  };
  let arrivals = 0;
  const store = new MapStore({ maps } as Server, () => arrivals++, budget);
  return { store, asked, arrivals: () => arrivals };
}

const SIGNAL = new AbortController().signal;

test("what is here is not asked for again", async () => {
  const { store, asked } = storing(1e6);
  await store.load([key(1), key(2)], SIGNAL);
  await store.load([key(2), key(3)], SIGNAL);
  expect(asked).toEqual([[1, 2], [3]]);
  expect(store.bytes).toBe(3 * SIZE);
});

test("the least recently used go first", async () => {
  const { store } = storing(2 * SIZE);
  await store.load([key(1), key(2)], SIGNAL);
  store.get(key(1));
  await store.load([key(3)], SIGNAL);
  expect([1, 2, 3].map((step) => store.has(key(step)))).toEqual([true, false, true]);
  expect(store.bytes).toBe(2 * SIZE);
});

test("a corrupt blob is named and the others are there", async () => {
  const { store } = storing(1e6, [2]);
  await store.load([key(1), key(2)], SIGNAL);
  expect(store.get(key(1))).toHaveProperty("parts");
  expect(store.get(key(2))).toEqual({ error: `blob of ${BLOB.length - 1} bytes does not start with TBA1` });
});

test("a step that was written again is another map", async () => {
  const { store, asked } = storing(1e6);
  await store.load([key(1, 100)], SIGNAL);
  await store.load([key(1, 200)], SIGNAL);
  expect(asked).toEqual([[1], [1]]);
});

test("failures are tried again after `retry`", async () => {
  const { store, asked } = storing(1e6, [2]);
  await store.load([key(1), key(2)], SIGNAL);
  store.retry();
  await store.load([key(1), key(2)], SIGNAL);
  expect(asked).toEqual([[1, 2], [2]]);
});

test("a step that the server refuses leaves the others of its request", async () => {
  const asked: number[][] = [];
  const maps: Server["maps"] = async ([series]) => {
    const steps = [...(series?.steps ?? [])];
    asked.push(steps);
    if (steps.includes(-5)) {
      throw new ServerError("INVALID_ARGUMENT", "steps=-5: a step is 0 or more", "");
    }
    return steps.map((step) => ({ series: 0, step, element: 0, blob: BLOB, error: "" })) as MapItem[];
  };
  const store = new MapStore({ maps } as Server, () => undefined);
  await store.load([key(-5), key(1), key(2)], SIGNAL);
  expect(asked).toEqual([[-5, 1, 2], [-5], [1, 2]]);
  expect(store.get(key(-5))).toEqual({ error: "steps=-5: a step is 0 or more" });
  expect([store.get(key(1)), store.get(key(2))]).toMatchObject([{ parts: [{ count: 3 }] }, { parts: [{ count: 3 }] }]);
});

test("a server that does not answer is asked once", async () => {
  let asked = 0;
  const maps: Server["maps"] = async () => {
    asked++;
    throw new ServerError("UNREACHABLE", "TensorBoard does not answer", "");
  };
  const store = new MapStore({ maps } as Server, () => undefined);
  await store.load([key(1), key(2)], SIGNAL);
  expect([asked, store.get(key(2))]).toEqual([1, { error: "TensorBoard does not answer" }]);
});

test("several series are one request, each at its own steps, and their maps are told apart", async () => {
  const asked: unknown[] = [];
  const maps: Server["maps"] = async (wanted) => {
    asked.push(wanted.map(({ run, steps }) => [run, steps]));
    return [
      { series: 1, step: 1, element: 0, blob: new Uint8Array(), error: "no run b" },
      { series: 0, step: 1, element: 0, blob: BLOB, error: "" },
      { series: 0, step: 2, element: 0, blob: BLOB, error: "" },
    ] as MapItem[];
  };
  const store = new MapStore({ maps } as Server, () => undefined);
  await store.load([key(1, 1, "a"), key(1, 1, "b"), key(2, 1, "a")], SIGNAL);
  expect(asked).toEqual([
    [
      ["a", [1, 2]],
      ["b", [1]],
    ],
  ]);
  expect(store.get(key(1, 1, "b"))).toEqual({ error: "no run b" });
  expect([store.get(key(1, 1, "a")), store.get(key(2, 1, "a"))]).toMatchObject([{ parts: [{}] }, { parts: [{}] }]);
});

test("what is too much for one answer is asked for in halves", async () => {
  const asked: number[] = [];
  const maps: Server["maps"] = async (wanted) => {
    const steps = wanted.flatMap((one) => one.steps);
    asked.push(steps.length);
    if (steps.length > 2) {
      throw new ServerError("too_much", "more than 64 MiB", "ask for fewer");
    }
    return steps.map((step) => ({ series: 0, step, element: 0, blob: BLOB, error: "" })) as MapItem[];
  };
  const store = new MapStore({ maps } as Server, () => undefined);
  const keys = [1, 2, 3, 4, 5].map((step) => key(step));
  await store.load(keys, SIGNAL);
  expect(asked).toEqual([5, 2, 3, 1, 2]);
  expect(keys.every((one) => "parts" in (store.get(one) ?? {}))).toBe(true);
});
