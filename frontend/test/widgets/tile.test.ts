import { expect, test } from "vitest";
import { listed } from "#src/widgets/tile";

test("a list of names ends", () => {
  expect(listed(["cam", "ig"])).toBe("cam, ig");
  expect(listed(Array(20_000).fill("m"))).toBe(`${Array(12).fill("m").join(", ")} and 19988 more`);
});
