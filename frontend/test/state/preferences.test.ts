import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { keepPreferences, loadPreferences } from "#src/state/preferences";
import { DEFAULTS } from "#src/state/selection";

function storage(value?: string) {
  const values = new Map<string, string>(value === undefined ? [] : [["tb-attribution.display", value]]);
  const place = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, text: string) => {
      values.set(key, text);
    },
  };
  return { values, place: () => place };
}

function blocked(): never {
  throw new Error("SecurityError");
}

test("looks are kept under our own key, what is selected is not", () => {
  const { values, place } = storage();
  const selection = signal(DEFAULTS);
  const write = keepPreferences(place, selection);
  selection.value = { ...DEFAULTS, cells: true, opacity: 0.5, step: 7 };
  write();
  expect([...values.keys()]).toEqual(["tb-attribution.display"]);
  expect(loadPreferences(place)).toEqual({ kept: { cells: true, opacity: 0.5 }, complaints: [] });
});

test("what a link asked for is not remembered, what a person then changes is, beside what was there", () => {
  const { place } = storage('{"tile": "96"}');
  const selection = signal({ ...DEFAULTS, cells: true, tile: 224 });
  const write = keepPreferences(place, selection);
  expect(loadPreferences(place).kept).toEqual({ tile: 96 });
  selection.value = { ...selection.value, overlay: false };
  write();
  expect(loadPreferences(place).kept).toEqual({ tile: 96, overlay: false });
  selection.value = { ...selection.value, overlay: true };
  write();
  expect(loadPreferences(place).kept).toEqual({ tile: 96, overlay: true });
});

test("a drag writes as it begins and as it ends, and what is not kept never", () => {
  let writes = 0;
  const place = () => ({ getItem: () => null, setItem: () => void writes++ });
  const selection = signal(DEFAULTS);
  const write = keepPreferences(place, selection);
  write();
  const before = writes;
  selection.value = { ...DEFAULTS, step: 7 };
  write();
  expect(writes).toBe(before);
  for (const opacity of [0.1, 0.2, 0.3, 0.4, 0.5]) {
    selection.value = { ...selection.value, opacity };
  }
  write();
  expect(writes).toBe(before + 2);
});

test("values that cannot be meant are reported once", () => {
  const { place } = storage('{"clip": 17, "opacity": "x", "tile": 96}');
  expect(loadPreferences(place)).toEqual({
    kept: { tile: 96 },
    complaints: [
      "The opacity=x that this browser remembered was ignored: an opacity lies between 0 and 1.",
      "The clip=17 that this browser remembered was ignored: one of 0.95, 0.99, 0.999, 1.",
    ],
  });
  keepPreferences(place, signal(DEFAULTS));
  expect(loadPreferences(place)).toEqual({ kept: { tile: 96 }, complaints: [] });
});

test("a storage that is blocked or holds something else leaves the defaults", () => {
  for (const place of [blocked, storage("not json").place, storage("null").place]) {
    expect(loadPreferences(place)).toEqual({ kept: {}, complaints: [] });
  }
  expect(() => keepPreferences(blocked, signal(DEFAULTS))()).not.toThrow();
});
