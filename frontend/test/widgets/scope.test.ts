import { expect, test } from "vitest";
import type { Bar } from "#src/state/scale";
import { barNotes, tickWords } from "#src/widgets/scope";

const BAR: Bar = {
  unit: "score",
  vmax: 0.25,
  signed: true,
  gamma: 1,
  known: true,
  clipped: 0.01,
  atMost: false,
  histogram: undefined,
};

test("numbers of a bar are scores, shares of a map's sum, or a map's own level", () => {
  const ends = (bar: Bar, clip = 0.99) => [-1, 0, 0.5, 1].map((t) => tickWords(bar, t, clip));
  expect(ends(BAR)).toEqual(["−0.250", "0", "+0.125", "+0.250"]);
  expect(ends({ ...BAR, unit: "share" })).toEqual(["−25.0%", "0", "+12.5%", "+25.0%"]);
  expect(ends({ ...BAR, unit: "own" })).toEqual(["−P99", "0", "+0.50 × P99", "+P99"]);
  expect(ends({ ...BAR, unit: "own", signed: false }, 1)[3]).toBe("largest |score|");
});

test("a bar says what its ends are and what they clip", () => {
  expect(barNotes(BAR, "series", 0.99)).toBe("P99 of |score|, all steps, 1% clipped");
  expect(barNotes({ ...BAR, atMost: true }, "visible", 0.95)).toBe(
    "the P99 of the strongest map on or next to the screen; of each map, at most 1% clipped",
  );
  expect(barNotes({ ...BAR, unit: "own" }, "step", 0.95)).toBe("each step ends at its own P95 of |score|");
  expect(barNotes({ ...BAR, unit: "share" }, "share", 0.95)).toBe(
    "score / sum of |scores| of its map, all steps, P95 of the maps’ P99; 1% of the maps reach beyond",
  );
  expect(barNotes({ ...BAR, clipped: 0.3 }, "manual", 0.95)).toBe("set by hand, 30% clipped");
});
