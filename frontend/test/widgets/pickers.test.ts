import { expect, test } from "vitest";
import { offeredMethods } from "#src/widgets/pickers";

const MANY = Array.from({ length: 20_000 }, (_, i) => `method_${i}`);

test("a few methods are all offered, and one that only a link knows", () => {
  expect(offeredMethods(["cam", "ig"], ["ig", "gone"], "")).toEqual({ names: ["cam", "ig", "gone"], more: 0 });
});

test("of many, those on screen and as many others as fit are offered; the rest is counted", () => {
  const { names, more } = offeredMethods(MANY, ["method_19999", "gone"], "");
  expect([names.length, more]).toEqual([40, 20_000 - 1 - 38]);
  expect(names.slice(0, 3)).toEqual(["method_19999", "gone", "method_0"]);
});

test("any of many is found by a part of its name", () => {
  expect(offeredMethods(MANY, ["method_0"], "OD_1234 ")).toEqual({
    names: ["method_0", "method_1234", ...Array.from({ length: 10 }, (_, i) => `method_1234${i}`)],
    more: 0,
  });
});
