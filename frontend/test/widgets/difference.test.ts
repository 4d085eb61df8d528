import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { RunSchema } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import type { Comparison } from "#src/state/comparison";
import type { Look } from "#src/views/view";
import { differenceNotes, pooledWords } from "#src/widgets/difference_bar";
import { noiseWords, outcomeWords } from "#src/widgets/difference_caption";
import { sideNames } from "#src/widgets/difference_head";
import { differenceCondition } from "#src/widgets/difference_tile";
import { differenceWording } from "#src/widgets/difference_wording";

const map = (...values: number[]) => Float32Array.from(values);
const LOOK = { scale: { vmax: 2, signed: true, gamma: 1 } } as Look;

function compared(difference: number[], noise: number[], note?: string): Comparison {
  const [a, b] = [map(...difference).fill(0.5), map(...difference).map((value) => value + 0.5)];
  return {
    ...{ a, b, difference: map(...difference), noise: map(...noise), shape: [difference.length] },
    ...{ thumbnail: false, cosine: 1, centred: false, note },
  };
}

test("a difference is read with both sides, and with what it cannot be told from", () => {
  const { read } = differenceWording(compared([1, 4, 0.25], [0, 0, 0.5]), false);
  expect(read(0, LOOK)).toEqual({
    value: "+1.000",
    lines: ["B − A +1.000  (50% of the scale)", "A +0.5000, B +1.500"],
  });
  expect(read(1, LOOK).lines[0]).toBe("B − A +4.000  (200% of the scale, beyond the bar)");
  expect(read(2, LOOK).lines.at(-1)).toBe("noise of A and B ±0.50; the difference is below it");
});

test("shares are read in per cent; what is not finite is said to be", () => {
  const { read, write } = differenceWording(compared([0.01, Number.NaN], [0.002, 0]), true);
  expect(read(0, LOOK).lines).toEqual([
    "B − A +1.000%  (0.5% of the scale)",
    "A +50.00%, B +51.00%",
    "noise of A and B ±0.21%",
  ]);
  expect(read(1, LOOK).lines[0]).toBe("B − A: not finite");
  expect(write(-0.5)).toBe("−50.0%");
});

test("a tile says when all of it is none, or noise, or of thumbnails for want of cells", () => {
  expect(differenceCondition(compared([0, 0], [1, 1]))).toEqual({ words: "all differences are 0", kind: "empty" });
  expect(differenceCondition(compared([0.5, -0.5], [1, 1]))).toEqual({
    words: "no difference beyond the noise of A and B",
    kind: "empty",
  });
  expect(differenceCondition(compared([0.5, -1.5], [1, 1]))).toBeUndefined();
  expect(differenceCondition(compared([1, 1], [0, 0], "A: thumbnail only"))).toEqual({
    words: "A: thumbnail only",
    kind: "partly",
  });
});

test("a hatch says what it means, where there is one", () => {
  expect(noiseWords(compared([0.5, -1.5], [1, 1]))).toBe("hatched: below the noise of A and B");
  expect(noiseWords(compared([2, 0], [1, 1]))).toBe(""); // where both are the same, nothing is hatched
});

function column(group: string, tag: string, step?: number) {
  const run = create(RunSchema, { run: group, group, name: "attribution", epochSteps: [0, 10], epochs: [0, 1] });
  return { key: "", seriesKey: "", run, tag, series: { steps: [0, 10], wallTimes: [1, 2] }, step } as never;
}

test("a head says once what A and B have in common", () => {
  const names = (a: never, b: never) => sideNames({ a, b }, ({ step = 10 }) => step);
  expect(names(column("x", "ig"), column("y", "ig"))).toEqual({ both: "ig", a: "x", b: "y" });
  expect(names(column("x", "ig", 0), column("x", "ig"))).toEqual({
    both: "x · ig",
    a: "step 0, epoch 1",
    b: "step 10, epoch 2",
  });
  expect(names(column("x", "ig"), column("x", "cam"))).toEqual({ both: "x", a: "ig", b: "cam" });
});

test("what became of the target, or of the value of a regression", () => {
  const nan = Number.NaN;
  const probe = { classNames: ["cat"] };
  expect(outcomeWords({ target: 0, p: 0.12, value: 0 }, { target: 0, p: 0.81, value: 0 }, probe)).toBe(
    "p(cat) .12 → .81",
  );
  expect(outcomeWords({ target: nan, p: nan, value: 1 }, { target: nan, p: nan, value: 2.5 }, probe)).toBe(
    "1.00 → 2.50",
  );
  expect(outcomeWords({ target: nan, p: nan, value: nan }, { target: nan, p: nan, value: 2 }, probe)).toBe("");
});

const PAIR = { a: { series: { maps: { examples: 8 } } } };
const PLAN = { pair: PAIR, steps: [0, 1], of: 120, examples: [0, 7], keys: [] } as never;
const POOLED = { histogram: {}, steps: 1, thumbnails: true } as never;

test("a bar says what its scale was made of", () => {
  expect(pooledWords(PLAN, POOLED)).toBe(
    "over 1 of 120 steps, of 2 of 8 examples, 1 more could not be read, of thumbnails, means of several stored cells",
  );
  const all = Array.from({ length: 8 }, (_, at) => at);
  const one = { pair: PAIR, steps: [0], of: 1, examples: all, keys: [] } as never;
  expect(pooledWords(one, { histogram: {}, steps: 1, thumbnails: false } as never)).toBe("over this pair of steps");
  const bar = { unit: "score", clipped: 0.01, gamma: 1 } as never;
  expect(differenceNotes(bar, 0.99, false, "over 16 of 120 steps")).toBe(
    "P99 of |B − A| over 16 of 120 steps, 1% clipped",
  );
  expect(differenceNotes({ unit: "share", clipped: 0, gamma: 2 } as never, 1, false, "over 2 of 2 steps")).toBe(
    "largest of |B − A| in shares of each map’s sum of |scores| over 2 of 2 steps, 0% clipped; gamma 2",
  );
  expect(differenceNotes(bar, 0.99, true, "over 2 of 2 steps")).toBe(
    "set by hand; |B − A| over 2 of 2 steps, 1% clipped",
  );
});
