import { expect, test } from "vitest";
import { offered } from "#src/state/offered";

const MANY = Array.from({ length: 20_000 }, (_, i) => `method_${i}`);

test("a few names are all offered, and one that only a link knows", () => {
  expect(offered(["cam", "ig"], ["ig", "gone"], "", 40)).toEqual({ names: ["cam", "ig", "gone"], more: 0 });
});

test("of many, those on screen and as many others as fit are offered; the rest is counted", () => {
  const { names, more } = offered(MANY, ["method_19999", "gone"], "", 40);
  expect([names.length, more]).toEqual([40, 20_000 - 1 - 38]);
  expect(names.slice(0, 3)).toEqual(["method_19999", "gone", "method_0"]);
});

test("any of many is found by a part of its name", () => {
  expect(offered(MANY, ["method_0"], "OD_1234 ", 40)).toEqual({
    names: ["method_0", "method_1234", ...Array.from({ length: 10 }, (_, i) => `method_1234${i}`)],
    more: 0,
  });
});
