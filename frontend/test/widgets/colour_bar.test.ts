import { expect, test } from "vitest";
import { barWords } from "#src/widgets/colour_bar";
import { effectOn } from "#src/widgets/explained";

const SCALE = { vmax: 0.5, signed: true, unit: "score", gamma: 1 } as const;
const ENDS = { positive: "red", negative: "blue" };

test("a screen reader hears both ends, their colours and what they mean for what is explained", () => {
  expect(barWords(SCALE, effectOn("value"), ENDS, 0.99)).toBe(
    "colour scale from −0.500, lowers the value, blue, over 0, neutral, to +0.500, raises the value, red",
  );
  expect(barWords({ ...SCALE, signed: false }, effectOn("value"), ENDS, 0.99)).toBe("colour scale from 0 to 0.500");
});

test("gamma is heard: where half of the colours end", () => {
  expect(barWords({ ...SCALE, signed: false, gamma: 0.5 }, effectOn("value"), ENDS, 0.99)).toBe(
    "colour scale from 0 to 0.500; half of the colours at 0.125",
  );
});
