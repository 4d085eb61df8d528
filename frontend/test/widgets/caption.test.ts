import { expect, test } from "vitest";
import { ErrorKind } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { residualWords } from "#src/widgets/caption";

test("a gap stands next to its share of the sum of |scores|", () => {
  expect(residualWords(ErrorKind.ERROR_GAP, -0.03, 1.5)).toBe("gap −0.030 (2%)");
  expect(residualWords(ErrorKind.ERROR_ONE_MINUS_R2, 0.25, 1)).toBe("1 − R² 0.25");
});

test("no error, no words", () => {
  expect(residualWords(ErrorKind.ERROR_NONE, 0.1, 1)).toBe("");
  expect(residualWords(ErrorKind.ERROR_GAP, Number.NaN, 1)).toBe("");
});
