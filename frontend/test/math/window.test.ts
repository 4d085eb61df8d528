import { expect, test } from "vitest";
import { middle, panned, showing, WHOLE, zoomed } from "#src/math/window";

/** Where a share of a picture is seen, in shares of the window. */
function seen({ x, zoom }: typeof WHOLE, at: number): number {
  return (at - x) * zoom;
}

test("a place stays where it is seen while the picture grows around it", () => {
  const twice = zoomed(WHOLE, { x: 0.75, y: 0.5 }, 2);
  expect(twice).toEqual({ x: 0.375, y: 0.25, zoom: 2 });
  expect(seen(twice, 0.75)).toBe(0.75);
  const more = zoomed(twice, { x: 0.5, y: 0.5 }, 3);
  expect(seen(more, 0.5)).toBeCloseTo(seen(twice, 0.5), 12);
});

test("the window never leaves the picture, and the whole is the least there is", () => {
  const corner = zoomed(zoomed(WHOLE, { x: 0, y: 0 }, 4), { x: 1, y: 1 }, 0.5);
  expect(corner).toEqual({ x: 0, y: 0, zoom: 2 });
  expect(zoomed(corner, { x: 0.9, y: 0.9 }, 0.1)).toEqual(WHOLE);
  expect(zoomed(WHOLE, { x: 0, y: 0 }, 1e6).zoom).toBe(32);
  expect(panned(corner, -9, 0.1)).toEqual({ x: 0.5, y: 0, zoom: 2 });
});

test("a drag moves the picture with the pointer", () => {
  const window = panned({ x: 0.25, y: 0.25, zoom: 4 }, 0.4, -0.4);
  expect([window.x, window.y, window.zoom]).toEqual([0.15, 0.35, 4]);
});

test("a window moves no further than a place needs to be seen", () => {
  const window = { x: 0.25, y: 0.5, zoom: 4 };
  expect(showing(window, { x: 0.3, y: 0.6 })).toEqual(window);
  expect(showing(window, { x: 0.1, y: 0.9 })).toEqual({ x: 0.1, y: 0.65, zoom: 4 });
  expect(middle(window)).toEqual({ x: 0.375, y: 0.625 });
});
