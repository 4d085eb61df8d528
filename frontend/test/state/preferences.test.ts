import { expect, test } from "vitest";
import { loadPreferences, savePreferences } from "#src/state/preferences";
import { DEFAULTS } from "#src/state/selection";

function storage(value: string | null = null) {
  const kept = new Map<string, string>();
  return {
    getItem: () => value ?? [...kept.values()][0] ?? null,
    setItem: (key: string, text: string) => kept.set(key, text),
    keys: () => [...kept.keys()],
  };
}

test("looks are kept under our own key, what is selected is not", () => {
  const place = storage();
  savePreferences(place, { ...DEFAULTS, cells: true, step: 7 });
  expect(place.keys()).toEqual(["tb-attribution.display"]);
  expect(loadPreferences(place)).toMatchObject({ cells: true });
  expect(loadPreferences(place)).not.toHaveProperty("step");
});

test("values that nobody could have chosen are dropped", () => {
  expect(loadPreferences(storage('{"clip": 17, "opacity": "x", "tile": 96}'))).toEqual({ tile: 96 });
  expect(loadPreferences(storage("not json"))).toEqual({});
});
