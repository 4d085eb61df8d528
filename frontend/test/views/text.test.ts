import { expect, test } from "vitest";
import { chips, cut, cutWords, visible } from "#src/views/text";

test("white space can be seen", () => {
  expect([" a", "\n", "\t", "\r\n", ""].map(visible)).toEqual(["·a", "⏎", "⇥", "␍⏎", "∅"]);
  expect(visible("a\0b\x1b[31m\x7f")).toBe("a␀b␛[31m�");
});

test("a token that turns the direction of writing shows that it would", () => {
  expect(visible("\u202eevil\u202c")).toBe("\ufffdevil\ufffd");
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

test("a text that the model cuts is cut as TextVectorization does: at white space, without punctuation alone", () => {
  expect(cut(" A quiet  film,\nwell acted - & kind… ")).toEqual(["A", "quiet", "film,", "well", "acted", "kind…"]);
  expect(cut("?!")).toEqual([]);
});

test("words without a score and scores without a word are counted", () => {
  const scores = Float32Array.of(1, 2, 3, 4);
  expect(cutWords(4, scores)).toMatch(/Probe\(tokens=\.\.\.\) says it$/);
  expect(cutWords(6, scores)).toMatch(/; 2 of 6 words have no score$/);
  expect(cutWords(2, scores)).toMatch(/; 2 scores behind the text, sum \+7\.00$/);
});
