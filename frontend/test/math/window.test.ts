import { expect, test } from "vitest";
import { middle, panned, pinched, showing, WHOLE, zoomed } from "#src/math/window";

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

test("what lies between two fingers stays between them while they part and move", () => {
  const window = { x: 0.25, y: 0.25, zoom: 2 };
  const to = pinched(window, { x: 0.5, y: 0.5, apart: 40 }, { x: 0.6, y: 0.4, apart: 80 });
  expect(to.zoom).toBe(4);
  expect([seen(to, 0.5), (0.5 - to.y) * to.zoom]).toEqual([expect.closeTo(0.6, 12), expect.closeTo(0.4, 12)]);
  const moved = pinched(WHOLE, { x: 0.5, y: 0.5, apart: 40 }, { x: 0.6, y: 0.5, apart: 80 });
  expect(seen(moved, 0.5)).toBeCloseTo(0.6, 12); // as far as the picture reaches
  expect(pinched(WHOLE, { x: 0, y: 0, apart: 80 }, { x: 0.5, y: 0.5, apart: 40 })).toEqual(WHOLE);
});

test("a window moves no further than a place needs to be seen", () => {
  const window = { x: 0.25, y: 0.5, zoom: 4 };
  expect(showing(window, { x: 0.3, y: 0.6 })).toEqual(window);
  expect(showing(window, { x: 0.1, y: 0.9 })).toEqual({ x: 0.1, y: 0.65, zoom: 4 });
  expect(middle(window)).toEqual({ x: 0.375, y: 0.625 });
});
