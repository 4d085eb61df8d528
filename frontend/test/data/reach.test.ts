import { expect, test } from "vitest";
import { watching } from "#src/data/reach";

test("a server that does not answer is told of, an abort is not, an error that it sends is an answer", async () => {
  let missed = 0;
  const tell = () => {
    missed++;
  };
  const refused = watching(() => Promise.reject(new TypeError("refused")), tell);
  await expect(refused("index", {})).rejects.toThrow("refused");
  expect(missed).toBe(1);
  const abort = AbortSignal.abort();
  await expect(refused("index", { signal: abort })).rejects.toThrow("refused");
  expect(missed).toBe(1);
  const answer = await watching(async () => new Response("", { status: 500 }), tell)("index", {});
  expect([answer.status, missed]).toEqual([500, 1]);
});
