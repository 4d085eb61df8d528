import { expect, test } from "vitest";
import { readLink, writeLink } from "#src/data/link";

test("our part of the host's address, without touching the others", () => {
  const hash = "#attribution&p.other.k=1&p.attribution.step=7";
  expect(readLink(hash)).toEqual({ step: "7" });
  expect(writeLink(hash, { runs: "a&b=c" })).toBe("#attribution&p.other.k=1&p.attribution.runs=a%26b%3Dc");
});

test("what was written is read back", () => {
  const values = { runs: "ü&=#,/ %", step: "0" };
  expect(readLink(writeLink("", values))).toEqual(values);
});

test("a value that was typed by hand keeps its equals signs", () => {
  expect(readLink("#attribution&p.attribution.target=a=b=")).toEqual({ target: "a=b=" });
});
