import { expect, test } from "vitest";
import { DIVERGING, rgb, SEQUENTIAL } from "#src/math/colour";
import { contrast, inkOn } from "#src/math/contrast";

test("black on white is 21 : 1", () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21, 10);
});

test("text on every colour of every map has at least 4.5 : 1", () => {
  for (const map of [...DIVERGING, ...SEQUENTIAL]) {
    for (let i = -100; i <= 100; i++) {
      const background = rgb(map, i / 100);
      expect(contrast(inkOn(background), background)).toBeGreaterThanOrEqual(4.5);
    }
  }
});
