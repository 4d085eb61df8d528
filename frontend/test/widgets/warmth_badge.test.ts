import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { MapSeriesSchema } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { warmthWords } from "#src/widgets/warmth_badge";

const maps = (batchnorm: string) =>
  create(MapSeriesSchema, { examples: 16, parameters: [{ name: "batchnorm", value: batchnorm }] });
const COLD = { step: 8, moving: 0.3125, debiased: 0.75 };

test("moving statistics that lag: both accuracies, what it means for the maps, and the way out", () => {
  const { name, lines, lags } = warmthWords(COLD, maps("'moving'"), 8);
  expect([name, lags]).toEqual(["BatchNorm not warm", true]);
  expect(lines[0]).toBe(
    "Accuracy on the probe at step 8: 31% (5 of 16) with BatchNorm's moving statistics, 75% (12 of 16) with the debiased ones.",
  );
  expect(lines[1]).toContain("maps of this step are of the moving statistics, which lag");
  expect(lines[2]).toContain('batchnorm="debiased"');
});

test("a log that does not say which statistics were used is not guessed at", () => {
  const { name, lines } = warmthWords(COLD, create(MapSeriesSchema, { examples: 16 }), 8);
  expect(name).toBe("BatchNorm not warm");
  expect(lines[1]).toContain("The log does not say which of them the maps are of");
});

test("maps of debiased statistics are not called lagging", () => {
  const { name, lines, lags } = warmthWords(COLD, maps("'debiased'"), 8);
  expect([name, lags]).toEqual(["BatchNorm debiased", false]);
  expect(lines.join()).not.toContain("AttributionCallback");
});

test("a probe without labels: how much of it is predicted alike", () => {
  const { name, lines } = warmthWords({ step: 8, agreement: 0.75 }, maps("'moving'"), 8);
  expect(name).toBe("BatchNorm not warm");
  expect(lines[0]).toBe(
    "At step 8, 75% (12 of 16) of the probe are predicted alike with BatchNorm's moving statistics and with the debiased ones.",
  );
});

test("equal accuracies are warm; accuracies of an earlier step say so", () => {
  const { name, lines } = warmthWords({ step: 8, moving: 1, debiased: 1 }, maps("'moving'"), 10);
  expect(name).toBe("BatchNorm warm");
  expect(lines[0]).toContain("at step 8, the last one kept before this step: 100% (16 of 16)");
  expect(lines.at(-1)).toBe(
    "Statistics that a fit starts with, as one that resumes, count as learned, however young they are.",
  );
});
