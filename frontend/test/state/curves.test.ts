import { expect, test } from "vitest";
import { ascending, type Curve, choices, chosen, meanProbability, valueAt } from "#src/state/curves";
import { indexOf } from "./index_fixture";

const [RUN, OTHER] = indexOf({ a: [{ tag: "ig" }], b: [{ tag: "ig" }] }).runs as [never, never];

function withScalars(...scalars: string[]) {
  return { ...(RUN as object), scalars } as unknown as Parameters<typeof choices>[0][number];
}

test("fit's loss comes first, beside its validation; then the rest of fit, regions, BatchNorm and p(target)", () => {
  const one = withScalars("fit/accuracy", "fit/val_loss", "fit/loss", "region/cam/eye", "unknown/x");
  const two = withScalars("batchnorm/accuracy_moving", "batchnorm/accuracy_debiased", "fit/lr", "batchnorm/agreement");
  const all = choices([one, two]);
  expect(all.map(({ id }) => id)).toEqual([
    "fit/loss",
    "fit/accuracy",
    "fit/lr",
    "region/cam/eye",
    "batchnorm/accuracy",
    "batchnorm/agreement",
    "p",
  ]);
  expect(all[0]?.lines.map(({ tag }) => tag)).toEqual(["fit/loss", "fit/val_loss"]);
  expect(all[3]).toMatchObject({ name: "cam/eye", lines: [{ tag: "region/cam/eye" }] });
  expect(all[4]?.lines.map(({ name }) => name)).toEqual(["moving", "debiased"]);
});

test("a log of validation alone has its curve; a log without scalars has p(target)", () => {
  const [first] = choices([withScalars("fit/val_auc")]);
  expect(first).toMatchObject({ id: "fit/auc", lines: [{ tag: "fit/val_auc" }] });
  expect(choices([OTHER]).map(({ id }) => id)).toEqual(["p"]);
  const all = choices([withScalars("fit/loss")]);
  expect([chosen(all, "p").id, chosen(all, "gone").id, chosen([], null).id]).toEqual(["p", "fit/loss", "p"]);
});

test("steps out of order are sorted, and of one that is there twice the last value counts", () => {
  expect(ascending({ steps: [10, 0, 10], values: [1, 2, 3] })).toEqual({ steps: [0, 10], values: [2, 3] });
});

test("the mean of p(target) leaves out examples without one", () => {
  const rows = [
    [0.2, 0.5, Number.NaN],
    [0.4, Number.NaN, Number.NaN],
  ];
  const mean = meanProbability({ steps: [0, 10, 20], over: (example) => rows[example]! }, 2);
  expect(mean.values[0]).toBeCloseTo(0.3);
  expect(mean.values.slice(1)).toEqual([0.5, Number.NaN]);
});

test("at the cursor stands the last value that is not after it", () => {
  const curve: Curve = { run: RUN, line: { tag: "t", name: "t" }, dashed: false, steps: [10, 20], values: [1, 2] };
  expect([9, 10, 19, 99].map((step) => valueAt(curve, step))).toEqual([
    undefined,
    { step: 10, value: 1 },
    { step: 10, value: 1 },
    { step: 20, value: 2 },
  ]);
});
