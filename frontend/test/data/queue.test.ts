import { expect, test } from "vitest";
import { Queue } from "#src/data/queue";

function job() {
  let end: (value: string) => void = () => undefined;
  const done = new Promise<string>((resolve) => {
    end = resolve;
  });
  return { done, end };
}

test("one begins when the one before has ended", async () => {
  const queue = new Queue();
  const begun: string[] = [];
  const [first, second] = [job(), job()];
  const begin = (name: string, { done }: { done: Promise<string> }) =>
    queue.add(() => {
      begun.push(name);
      return done;
    });
  const answers = [begin("a", first), begin("b", second)];
  expect(begun).toEqual(["a"]);
  first.end("one");
  expect(await answers[0]).toBe("one");
  second.end("two");
  expect(await answers[1]).toBe("two");
  expect(begun).toEqual(["a", "b"]);
  await new Promise((tick) => setTimeout(tick));
  begin("c", job());
  expect(begun).toEqual(["a", "b", "c"]);
});

test("one that fails says so to who asked for it, and the next begins", async () => {
  const queue = new Queue();
  const failed = queue.add(() => Promise.reject(new Error("gone")));
  const next = queue.add(async () => "here");
  await expect(failed).rejects.toThrow("gone");
  expect(await next).toBe("here");
});

test("one that throws before it waits fails in the same way", async () => {
  const queue = new Queue();
  const failed = queue.add((): Promise<string> => {
    throw new Error("no such map");
  });
  const next = queue.add(async () => "here");
  await expect(failed).rejects.toThrow("no such map");
  expect(await next).toBe("here");
});
