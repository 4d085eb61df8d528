import { expect, test } from "vitest";
import { runColours } from "#src/state/run_colours";

test("eight runs have eight colours, and the order of the list does not matter", () => {
  const names = Array.from({ length: 8 }, (_, i) => `run ${i}`);
  const colours = runColours(names);
  expect(new Set(colours.values()).size).toBe(8);
  expect(runColours([...names].reverse())).toEqual(colours);
});
