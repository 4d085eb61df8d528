import type { Plane } from "#src/math/grid";
import { cellAt } from "#src/math/spot";
import type { Window } from "#src/math/window";

const PERIOD = 6;
/** Closer and paler: there can be many such cells, and what is below must still be seen. */
const FAINT_PERIOD = 4;
const FAINT = 128;
const BLACK = 0;
const WHITE = 255;

/** Grey and opacity of the hatch on a pixel. Cells that are not finite rise to the right, those below their error fall. */
function ink(value: number, error: number | undefined, x: number, y: number, dark: boolean): readonly [number, number] {
  if (!Number.isFinite(value)) {
    return [dark ? WHITE : BLACK, (x + y) % PERIOD === 0 ? 255 : 0];
  }
  // Two inks: there is a colour below, which may be as dark or as light as one of them.
  const line = (x - y) & (FAINT_PERIOD - 1);
  const below = error !== undefined && Math.abs(value) < error && line < 2;
  return [line === 0 ? BLACK : WHITE, below ? FAINT : 0];
}

/**
 * Hatches the cells of what is seen of a map that are not finite, and those smaller than their error, at `height` x
 * `width` pixels; the rest stays clear. A canvas without any such cell is hidden: each one on screen costs every frame.
 *
 * @param errors of the cells; undefined where there are none.
 */
export function hatch(
  canvas: HTMLCanvasElement,
  map: Plane,
  errors: Float32Array | undefined,
  window: Window,
  height: number,
  width: number,
  dark: boolean,
): void {
  const any = map.values.some((value, cell) => !Number.isFinite(value) || Math.abs(value) < (errors?.[cell] ?? 0));
  canvas.hidden = !any;
  const context = any ? canvas.getContext("2d") : null;
  if (context === null) {
    return;
  }
  canvas.width = width;
  canvas.height = height;
  const pixels = new ImageData(width, height);
  const rows = Array.from({ length: height }, (_, y) =>
    cellAt(window.y + (y + 0.5) / height / window.zoom, map.height),
  );
  const columns = Array.from({ length: width }, (_, x) =>
    cellAt(window.x + (x + 0.5) / width / window.zoom, map.width),
  );
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      const cell = row * map.width + column;
      const at = 4 * (y * width + x);
      const [grey, opacity] = ink(map.values[cell]!, errors?.[cell], x, y, dark);
      pixels.data.fill(grey, at, at + 3);
      pixels.data[at + 3] = opacity;
    });
  });
  context.putImageData(pixels, 0, 0);
}
