import { expect, test } from "vitest";
import { bindings } from "#src/widgets/keys";
import type { Page } from "#src/widgets/page";

test("each key does one thing, and each has words on the help sheet", () => {
  const all = bindings({} as Page);
  expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
  expect(all.filter(({ name, words }) => name === "" || words === "")).toEqual([]);
  expect(all.every(({ key }) => key.length > 1 || key === key.toLowerCase())).toBe(true);
});
