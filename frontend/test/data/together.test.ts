import { expect, test } from "vitest";
import type { SeriesName } from "#src/data/portions";
import { Queue } from "#src/data/queue";
import { ServerError } from "#src/data/server";
import { Together } from "#src/data/together";

function answering(refuse: (names: readonly SeriesName[]) => Error | undefined = () => undefined) {
  const requests: string[][] = [];
  const together = new Together(async (names) => {
    requests.push(names.map(({ run }) => run));
    const error = refuse(names);
    if (error !== undefined) {
      throw error;
    }
    return names.map(({ run }) => ({ run, error: run === "bad" ? "no run bad" : "" }));
  });
  const ask = (...runs: string[]) => Promise.allSettled(runs.map((run) => together.ask({ run, tag: "t" })));
  const words = async (...runs: string[]) =>
    (await ask(...runs)).map((one) => (one.status === "fulfilled" ? one.value.run : String(one.reason.message)));
  return { requests, words };
}

test("what is asked for at the same time is one request; what comes later is another", async () => {
  const { requests, words } = answering();
  expect(await words("a", "b")).toEqual(["a", "b"]);
  expect(await words("c")).toEqual(["c"]);
  expect(requests).toEqual([["a", "b"], ["c"]]);
});

test("one that cannot be had does not hide the others", async () => {
  const { requests, words } = answering();
  expect(await words("a", "bad", "b")).toEqual(["a", "no run bad", "b"]);
  expect(requests.length).toBe(1);
});

test("a request that is refused as a whole is asked for in halves", async () => {
  const { requests, words } = answering((names) =>
    names.length > 1 ? new ServerError("too_much", "too much", "") : undefined,
  );
  expect(await words("a", "b", "c")).toEqual(["a", "b", "c"]);
  expect(requests).toEqual([["a", "b", "c"], ["a"], ["b", "c"], ["b"], ["c"]]);
});

test("a server that does not answer is asked once", async () => {
  const { requests, words } = answering(() => new ServerError("UNREACHABLE", "TensorBoard does not answer", ""));
  expect(await words("a", "b")).toEqual(["TensorBoard does not answer", "TensorBoard does not answer"]);
  expect(requests.length).toBe(1);
});

test("with a queue each tag is a request of its own, sent when the one before is answered", async () => {
  const requests: string[][] = [];
  const answers: (() => void)[] = [];
  const together = new Together(
    (names) =>
      new Promise<{ error: string }[]>((done) => {
        requests.push(names.map(({ run, tag }) => `${run}/${tag}`));
        answers.push(() => done(names.map(() => ({ error: "" }))));
      }),
    new Queue(),
  );
  const asked = ["a/x", "a/y", "b/x"].map((name) => {
    const [run = "", tag = ""] = name.split("/");
    return together.ask({ run, tag });
  });
  await expect.poll(() => requests).toEqual([["a/x", "b/x"]]);
  answers[0]!();
  await expect.poll(() => requests).toEqual([["a/x", "b/x"], ["a/y"]]);
  answers[1]!();
  expect(await Promise.all(asked)).toEqual([{ error: "" }, { error: "" }, { error: "" }]);
});
