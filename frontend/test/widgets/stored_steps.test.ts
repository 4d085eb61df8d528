import { expect, test } from "vitest";
import { columnsOf, sections } from "#src/state/columns";
import { DEFAULTS } from "#src/state/selection";
import { storedWords } from "#src/widgets/stored_steps";
import { indexOf } from "../state/index_fixture";

const COLUMNS = columnsOf(
  sections(indexOf({ a: [{ tag: "ig", steps: [0, 10, 20] }], b: [{ tag: "ig", steps: [5, 15] }] }), DEFAULTS),
);

test("all steps are stored where TensorBoard keeps all, or more than any series has", () => {
  for (const kept of [0, 4]) {
    expect(storedWords(COLUMNS, 5, kept)).toEqual({ words: "5 of 5 steps stored", sampled: "" });
  }
});

test("a series that fills its room may have lost steps: the words and the flag say so", () => {
  const { words, sampled } = storedWords(COLUMNS, 5, 3);
  expect(words).toBe("5 steps kept");
  expect(sampled).toContain("at most 3 steps of a series");
  expect(sampled).toContain("--samples_per_plugin=attribution=0");
});
