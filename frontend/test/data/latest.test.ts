import { expect, test } from "vitest";
import { Latest } from "#src/data/latest";

test("a late answer loses, and its fetch is aborted", async () => {
  const latest = new Latest();
  let answer: (value: string) => void = () => undefined;
  let signal: AbortSignal | undefined;
  const older = latest.run((abort) => {
    signal = abort;
    return new Promise<string>((resolve) => {
      answer = resolve;
    });
  });
  const newer = latest.run(async () => "new");
  answer("old");
  expect([await older, await newer, signal?.aborted]).toEqual([undefined, "new", true]);
});

test("a failure of an older fetch is nobody's business, that of the last one is", async () => {
  const latest = new Latest();
  const older = latest.run(async () => {
    throw new Error("late");
  });
  const newer = latest.run(async () => {
    throw new Error("now");
  });
  await expect(older).resolves.toBeUndefined();
  await expect(newer).rejects.toThrow("now");
});
