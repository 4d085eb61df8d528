import { expect, test } from "vitest";
import { effectOn, explained } from "#src/widgets/explained";

test("what is explained names the target where there is one", () => {
  expect(explained("margin", "dog")).toBe("margin of dog");
  expect(explained("value", "value")).toBe("value");
  expect([explained("logit", ""), explained("", "")]).toEqual(["logit", "score"]);
});

test("scores speak for or against a class, but raise or lower a number", () => {
  const both = (scalar: string) => Object.values(effectOn(scalar));
  expect(both("margin")).toEqual(["supports the target", "against the target"]);
  expect(both("value")).toEqual(["raises the value", "lowers the value"]);
  expect(both("logit")).toEqual(["raises the logit", "lowers the logit"]);
  expect(both("constructor")).toEqual(["raises the value", "lowers the value"]);
});
