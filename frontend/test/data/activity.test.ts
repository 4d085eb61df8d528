import { expect, test } from "vitest";
import { counting } from "#src/data/activity";

test("busy from the first request to the end of the last, also of one that fails", async () => {
  const told: boolean[] = [];
  const fetcher = counting(
    async (address) => {
      if (address === "bad") {
        throw new Error("no");
      }
      return new Response(address, { status: 404 });
    },
    (busy) => told.push(busy),
  );
  const [good, bad] = await Promise.allSettled([fetcher("good", {}), fetcher("bad", {})]);
  expect(told).toEqual([true, false]);
  expect(bad.status).toBe("rejected");
  const answer = (good as PromiseFulfilledResult<Response>).value;
  expect([answer.status, await answer.text()]).toEqual([404, "good"]);
});
