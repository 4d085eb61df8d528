import { expect, test } from "vitest";
import { remembered } from "#src/math/remembered";

test("it is made anew when one of what it is made from is another", () => {
  const made: unknown[][] = [];
  const last = remembered<number>();
  const ask = (...from: unknown[]) => last(from, () => made.push(from));
  expect([ask(1, "a"), ask(1, "a"), ask(1, "b"), ask(1), ask(1, "a")]).toEqual([1, 1, 2, 3, 4]);
  expect(made).toEqual([[1, "a"], [1, "b"], [1], [1, "a"]]);
});

test("NaN is NaN, and nothing is something that can be remembered", () => {
  let calls = 0;
  const last = remembered<undefined>();
  const ask = (from: unknown) =>
    last([from], () => {
      calls++;
      return undefined;
    });
  ask(Number.NaN);
  ask(Number.NaN);
  expect(calls).toBe(1);
  ask(undefined);
  expect(calls).toBe(2);
});
