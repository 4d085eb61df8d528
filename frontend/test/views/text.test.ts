import { expect, test } from "vitest";
import { visible } from "#src/views/text";

test("white space can be seen", () => {
  expect([" a", "\n", "\t", "\r\n", ""].map(visible)).toEqual(["·a", "⏎", "⇥", "␍⏎", "∅"]);
});
