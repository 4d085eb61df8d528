import { expect, test } from "vitest";
import { barWords } from "#src/widgets/colour_bar";
import { effectOn } from "#src/widgets/explained";

const SCALE = { vmax: 0.5, signed: true, known: true, clipped: 0 };
const ENDS = { positive: "red", negative: "blue" };

test("a screen reader hears both ends, their colours and what they mean for what is explained", () => {
  expect(barWords(SCALE, effectOn("value"), ENDS)).toBe(
    "colour scale from −0.500, lowers the value, blue, over 0, neutral, to 0.500, raises the value, red",
  );
  expect(barWords({ ...SCALE, signed: false }, effectOn("value"), ENDS)).toBe("colour scale from 0 to 0.500");
});
