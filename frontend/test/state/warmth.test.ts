import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  MapSeriesSchema,
  RunSchema,
  ScalarsSchema,
} from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { ACCURACIES, isWarm, statisticsOf, warmthAt, warmthTags } from "#src/state/warmth";

const scalars = (values: Record<number, number>) =>
  create(ScalarsSchema, { steps: Object.keys(values).map(Number), values: Object.values(values) });

test("accuracies are those of the last step that has both, at or before the one on screen", () => {
  const logged = [scalars({ 0: 0.5, 4: 0.25, 8: 1 }), scalars({ 0: 0.5, 8: 1, 12: 1 })];
  expect(warmthAt(logged, 8)).toEqual({ step: 8, moving: 1, debiased: 1 });
  expect(warmthAt(logged, 7)).toEqual({ step: 0, moving: 0.5, debiased: 0.5 });
  expect(warmthAt(logged, 100)?.step).toBe(8);
  expect(warmthAt(logged, -1)).toBeUndefined();
});

test("an accuracy that is no number says nothing", () => {
  expect(warmthAt([scalars({ 0: Number.NaN }), scalars({ 0: 1 })], 0)).toBeUndefined();
});

test("warm is where both kinds of statistics predict as well", () => {
  expect(isWarm({ moving: 0.75, debiased: 0.75 })).toBe(true);
  expect(isWarm({ moving: 0.75, debiased: 0.8125 })).toBe(false);
});

test("without labels, warm is where all of the probe is predicted alike", () => {
  const agreement = [scalars({ 0: 0.5, 8: 1 })];
  expect([warmthAt(agreement, 7), warmthAt(agreement, 8), warmthAt(agreement, -1)]).toEqual([
    { step: 0, agreement: 0.5 },
    { step: 8, agreement: 1 },
    undefined,
  ]);
  expect([isWarm({ agreement: 0.5 }), isWarm({ agreement: 1 })]).toEqual([false, true]);
});

test("a run without these scalars has nothing to say", () => {
  const run = (tags: string[]) => create(RunSchema, { scalars: tags });
  expect(warmthTags(run(["fit/loss", ...Object.values(ACCURACIES)]))).toEqual(Object.values(ACCURACIES));
  expect(warmthTags(run(["batchnorm/agreement"]))).toEqual(["batchnorm/agreement"]);
  expect(warmthTags(run(["fit/loss", ACCURACIES.moving]))).toEqual([]);
  expect(warmthAt([], 0)).toBeUndefined();
});

test("the parameters say which statistics were used, if the log knows", () => {
  const maps = (parameters: { name: string; value: string }[]) => create(MapSeriesSchema, { parameters });
  expect(statisticsOf(maps([{ name: "batchnorm", value: "'debiased'" }]))).toBe("debiased");
  expect(statisticsOf(maps([{ name: "batchnorm", value: "'moving'" }]))).toBe("moving");
  expect(statisticsOf(maps([{ name: "steps", value: "16" }]))).toBeUndefined();
});
