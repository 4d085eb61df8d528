import { expect, test } from "vitest";
import { DIVERGING, END_WORDS, rgb, SEQUENTIAL } from "#src/math/colour";

test("RdBu ends in #b2182b (supports) and #2166ac (against)", () => {
  expect(rgb("RdBu", 1)).toEqual([0xb2, 0x18, 0x2b]);
  expect(rgb("RdBu", -1)).toEqual([0x21, 0x66, 0xac]);
});

test("PuOr ends in orange (supports) and purple (against), as its words say", () => {
  expect([rgb("PuOr", 1), rgb("PuOr", -1)]).toEqual([
    [0xb3, 0x58, 0x06],
    [0x54, 0x27, 0x88],
  ]);
  expect(END_WORDS.PuOr).toEqual({ positive: "orange", negative: "purple" });
});

test("zero of every diverging map is exactly neutral", () => {
  for (const map of DIVERGING) {
    const [r, g, b] = rgb(map, 0);
    expect([r, g, b]).toEqual([0xf7, 0xf7, 0xf7]);
  }
});

test("between two knots the colour is on the straight line", () => {
  // d6604d and f4a582 are the knots at 3/4 and 1/2.
  expect(rgb("RdBu", 5 / 8)).toEqual([(0xd6 + 0xf4) / 2, Math.round((0x60 + 0xa5) / 2), Math.round((0x4d + 0x82) / 2)]);
});

test("viridis runs from #440154 to #fde725", () => {
  expect(rgb("viridis", 0)).toEqual([0x44, 0x01, 0x54]);
  expect(rgb("viridis", 1)).toEqual([0xfd, 0xe7, 0x25]);
});

test("positions beyond the ends take the ends", () => {
  for (const map of [...DIVERGING, ...SEQUENTIAL]) {
    expect(rgb(map, 7)).toEqual(rgb(map, 1));
    expect(rgb(map, -7)).toEqual(rgb(map, DIVERGING.some((d) => d === map) ? -1 : 0));
  }
});
