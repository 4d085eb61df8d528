import { expect, test } from "vitest";
import { leave, left } from "#src/data/left";

test("an address that was left is there once", () => {
  const kept = new Map<string, string>();
  const place = () => ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
  expect(left(place)).toBe("");
  leave(place, "#attribution&p.attribution.step=1");
  leave(place, "#attribution&p.attribution.step=2");
  expect([left(place), left(place)]).toEqual(["#attribution&p.attribution.step=2", ""]);
});

test("where storage is blocked, nothing is left", () => {
  const blocked = () => {
    throw new Error("SecurityError");
  };
  leave(blocked, "#a");
  expect(left(blocked)).toBe("");
});
