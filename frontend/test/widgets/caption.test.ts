import { expect, test } from "vitest";
import { ErrorKind } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { magnitudeWords, residualWords } from "#src/widgets/caption";

test("a gap stands next to its share of the sum of |scores|", () => {
  expect(residualWords(ErrorKind.ERROR_GAP, -0.03, 1.5)).toBe("gap −0.030 (2%)");
  expect(residualWords(ErrorKind.ERROR_ONE_MINUS_R2, 0.25, 1)).toBe("1 − R² 0.25");
});

test("no error, no words", () => {
  expect(residualWords(ErrorKind.ERROR_NONE, 0.1, 1)).toBe("");
  expect(residualWords(ErrorKind.ERROR_GAP, Number.NaN, 1)).toBe("");
});

test("a magnitude stands beside colours that do not say it", () => {
  const map = { level: 0.0301, sum: 12.1, share: 0.02 };
  expect(magnitudeWords(map, "image", 0.99).words).toBe("P99 0.030, 2%");
  expect(magnitudeWords(map, "share", 1)).toEqual({
    words: "sum 12, 2%",
    all: "sum of |scores| 12.1; largest |score| 0.030, 2% of the scale of all steps",
  });
});
