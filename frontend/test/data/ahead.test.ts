import { expect, test } from "vitest";
import { ahead } from "#src/data/ahead";

test("nearest steps first, later before earlier, none outside", () => {
  expect(ahead(10, 1, 3)).toEqual([2, 0, 3, 4]);
  expect(ahead(1, 0)).toEqual([]);
  expect(ahead(1000, 500).length).toBe(32);
});
