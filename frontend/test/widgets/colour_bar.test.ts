import { expect, test } from "vitest";
import { explained } from "#src/widgets/colour_bar";

test("what is explained names the target where there is one", () => {
  expect(explained("margin", "dog")).toBe("margin of dog");
  expect(explained("value", "value")).toBe("value");
  expect([explained("logit", ""), explained("", "")]).toEqual(["logit", "score"]);
});
