import { expect, test } from "vitest";
import { EVERYTHING, filters, needsStep, reversed, togglePin } from "#src/state/find";

test("what leaves no example out is no filter", () => {
  expect(filters(EVERYTHING)).toBe(false);
  expect(filters({ ...EVERYTHING, text: "  ", sort: "-drift" })).toBe(false);
  expect(filters({ ...EVERYTHING, label: 0 })).toBe(true);
  expect(filters({ ...EVERYTHING, residual: [0, Number.POSITIVE_INFINITY] })).toBe(true);
});

test("labels, names and texts are the probe's, the rest is of a step", () => {
  expect(needsStep({ ...EVERYTHING, label: 1, text: "cat", sort: "-name" })).toBe(false);
  expect(needsStep({ ...EVERYTHING, sort: "-drift" })).toBe(true);
  expect(needsStep({ ...EVERYTHING, outcome: "wrong" })).toBe(true);
});

test("a direction turned twice is the same", () => {
  expect(reversed("drift")).toBe("-drift");
  expect(reversed("-drift")).toBe("drift");
});

test("a pin goes where it came from, and the last one leaves nothing behind", () => {
  const one = togglePin({}, "h", 3);
  expect(togglePin(one, "h", 1)).toEqual({ h: [1, 3] });
  expect(togglePin(one, "g", 0)).toEqual({ h: [3], g: [0] });
  expect(togglePin(one, "h", 3)).toEqual({});
});
