import { expect, test } from "vitest";
import { numeral, percent, probability, signed } from "#src/math/numerals";

test("three digits, a real minus sign", () => {
  expect(
    [0, 1, -0.03125, 12345.6, 1234567, 0.0000123, Number.NaN, Number.NEGATIVE_INFINITY].map((v) => numeral(v)),
  ).toEqual(["0", "1.00", "−0.0313", "12346", "1.23e6", "1.23e−5", "NaN", "−inf"]);
  expect(signed(0.5)).toBe("+0.500");
  expect([numeral(123.456, 2), numeral(999.6), numeral(1234.5678, 6)]).toEqual(["123", "1000", "1235"]);
});

test("a share that is not zero never reads 0%", () => {
  expect([0, 0.0001, 0.004, 0.02, 0.125, 1].map(percent)).toEqual(["0%", "<0.1%", "0.4%", "2%", "13%", "100%"]);
});

test("a probability below 1 never reads 1", () => {
  expect([0, 0.001, 0.5, 0.9999, 1].map(probability)).toEqual([".00", "<.01", ".50", ">.99", "1.00"]);
});
