import { expect, test } from "vitest";
import { leave, returned } from "#src/data/left";

function storage() {
  const kept = new Map<string, string>();
  return () => ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
}

test("who comes back to the address finds what it was to become, once", () => {
  const place = storage();
  leave(place, "#attribution&p.attribution.step=1", "#attribution&p.attribution.step=2");
  expect(returned(place, "#attribution&p.attribution.step=1")).toBe("#attribution&p.attribution.step=2");
  expect(returned(place, "#attribution&p.attribution.step=1")).toBe("#attribution&p.attribution.step=1");
});

test("who opens another address gets that one, and the next visit too", () => {
  const place = storage();
  leave(place, "#attribution", "#attribution&p.attribution.step=2");
  expect(returned(place, "#attribution&p.attribution.step=7")).toBe("#attribution&p.attribution.step=7");
  expect(returned(place, "#attribution")).toBe("#attribution");
});

test("nothing was left, or storage is blocked: the address is what it is", () => {
  const blocked = () => {
    throw new Error("SecurityError");
  };
  leave(blocked, "#a", "#b");
  expect([returned(blocked, "#a"), returned(storage(), "#a"), returned(storage(), "")]).toEqual(["#a", "#a", ""]);
});
