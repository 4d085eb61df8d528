import { expect, test } from "vitest";
import { chips, visible } from "#src/views/text";

test("white space can be seen", () => {
  expect([" a", "\n", "\t", "\r\n", ""].map(visible)).toEqual(["·a", "⏎", "⇥", "␍⏎", "∅"]);
});

test("no example has more chips than a browser can lay out; the others are counted and summed", () => {
  const scores = new Float32Array(200_000).fill(0.5);
  expect(chips(scores, 200_000)).toEqual({ rows: 1000, rest: "and 199000 more tokens, sum +99500" });
  expect(chips(scores, 0)).toEqual({ rows: 512, rest: "and 199488 more tokens, sum +99744" });
  expect(chips(scores.subarray(0, 7), 5)).toEqual({ rows: 5, rest: "" });
});

test("a token of any length is a chip", () => {
  expect(visible(" ".repeat(1e6))).toBe(`${"·".repeat(80)}…`);
});
