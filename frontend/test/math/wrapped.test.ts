import { expect, test } from "vitest";
import { wrapped } from "#src/math/wrapped";

const upTo = (most: number) => (text: string) => [...text].length <= most;

test("a text that fits is one line", () => {
  expect(wrapped("margin of label", upTo(15))).toEqual(["margin of label"]);
  expect(wrapped("", upTo(15))).toEqual([]);
});

test("lines break between words", () => {
  expect(wrapped("P99 of all steps, 1% clipped", upTo(12))).toEqual(["P99 of all", "steps, 1%", "clipped"]);
  expect(wrapped("margin of label", upTo(6))).toEqual(["margin", "of", "label"]);
});

test("a word that fills a line is broken inside, and what is left of the last line is cut off", () => {
  expect(wrapped("a/very/long/run", upTo(7))).toEqual(["a/very/", "long/ru", "n"]);
  expect(wrapped("x".repeat(10_000), upTo(4))).toEqual(["xxxx", "xxxx", "xxx…"]);
  expect(wrapped("one two three four five", upTo(5))).toEqual(["one", "two", "thre…"]);
});

test("a character is never broken, and a line holds at least one", () => {
  expect(wrapped("😀😀😀", upTo(2))).toEqual(["😀😀", "😀"]);
  expect(wrapped("abcd", upTo(0))).toEqual(["a", "b", "c…"]);
});
