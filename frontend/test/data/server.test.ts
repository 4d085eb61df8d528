import { expect, test } from "vitest";
import { address, inputAddress, Server, ServerError, words } from "#src/data/server";

const SIGNAL = new AbortController().signal;

function answering(response: Response): { server: Server; asked: string[] } {
  const asked: string[] = [];
  const server = new Server(async (to) => {
    asked.push(to);
    return response;
  });
  return { server, asked };
}

test("addresses are relative and escape what runs are called", () => {
  expect(address("index")).toBe("index");
  expect(inputAddress("a&b/../c", "00ff", 3)).toBe("input?run=a%26b%2F..%2Fc&hash=00ff&example=3");
});

test("steps and elements of a request are lists, once where they are the same for all series", async () => {
  const { server, asked } = answering(new Response(new Uint8Array()));
  const one = { run: "r", tag: "t/u", steps: [1, 2.5], elements: [0, 3] };
  expect(await server.maps([one], SIGNAL)).toEqual([]);
  expect(decodeURIComponent(asked[0]!)).toBe("maps?run=r&tag=t/u&steps=1,2.5&elements=0,3");
  const { server: again, asked: others } = answering(new Response(new Uint8Array()));
  await again.maps([one, { ...one, run: "a&b", steps: [7] }], SIGNAL);
  expect(others).toEqual(["maps?run=r&tag=t%2Fu&run=a%26b&tag=t%2Fu&steps=1%2C2.5&steps=7&elements=0%2C3"]);
});

test("histograms are asked for by series", async () => {
  const { server, asked } = answering(new Response(new Uint8Array()));
  expect(await server.histograms([{ run: "r", tag: "t" }])).toEqual([]);
  expect(asked).toEqual(["histograms?run=r&tag=t"]);
});

test("stats are asked for by column", async () => {
  const { server, asked } = answering(new Response(new Uint8Array()));
  expect(await server.stats([{ run: "r", tag: "t" }], [4, 9])).toEqual([]);
  expect(decodeURIComponent(asked[0]!)).toBe("stats?run=r&tag=t&columns=4,9");
});

test("scalars are asked for by their full tags; their values may be no numbers", async () => {
  const answer = '{"series":[{"steps":[0,4],"wall_times":[1,2],"values":[0.5,"NaN"]},{"error":"no such tag"}]}';
  const { server, asked } = answering(new Response(answer));
  const series = ["fit/loss", "fit/x"].map((tag) => ({ run: "r", tag }));
  expect(await server.scalars(series)).toMatchObject([
    { steps: [0, 4], values: [0.5, Number.NaN], error: "" },
    { error: "no such tag" },
  ]);
  expect(decodeURIComponent(asked[0]!)).toBe("scalars?run=r&tag=fit/loss&run=r&tag=fit/x");
});

test("the server's message and hint reach the person", async () => {
  const body = JSON.stringify({ error: { code: "not_found", message: "no run x", hint: "Runs: y" } });
  const { server } = answering(new Response(body, { status: 404 }));
  const error = await server.index(SIGNAL).catch((e) => e);
  expect(error).toBeInstanceOf(ServerError);
  expect([error.code, words(error)]).toEqual(["not_found", "no run x. Runs: y"]);
});

test("an answer that is not ours is quoted", async () => {
  const { server } = answering(new Response("<h1>Bad gateway</h1>", { status: 502 }));
  await expect(server.index(SIGNAL)).rejects.toThrow("the server answered 502: <h1>Bad gateway</h1>");
});

test("no connection is said in words", async () => {
  const server = new Server(async () => {
    throw new TypeError("Failed to fetch");
  });
  await expect(server.index(SIGNAL)).rejects.toThrow("TensorBoard does not answer");
});

test("the index has proto field names; unknown fields are ignored", async () => {
  const json = {
    runs: [{ run: "a", epoch_steps: [0, 5], from_the_future: 1 }],
    other_runs: ["b"],
    samples_per_plugin: 3,
  };
  const { server } = answering(new Response(JSON.stringify(json)));
  const index = await server.index(SIGNAL);
  expect([index.runs[0]?.run, index.runs[0]?.epochSteps, index.otherRuns, index.samplesPerPlugin]).toEqual([
    "a",
    [0, 5],
    ["b"],
    3,
  ]);
});
