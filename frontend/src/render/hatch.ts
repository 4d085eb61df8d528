import type { Plane } from "#src/math/grid";

const PERIOD = 6;

/**
 * Hatches the cells that are not finite, at `height` x `width` pixels; the rest stays clear.
 *
 * @returns how many cells were hatched.
 */
export function hatch(canvas: HTMLCanvasElement, map: Plane, height: number, width: number, ink: string): number {
  const bad = map.values.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
  canvas.width = bad === 0 ? 1 : width;
  canvas.height = bad === 0 ? 1 : height;
  const context = canvas.getContext("2d");
  if (bad === 0 || context === null) {
    return bad;
  }
  context.beginPath();
  map.values.forEach((value, cell) => {
    if (!Number.isFinite(value)) {
      const x = cell % map.width;
      const y = Math.floor(cell / map.width);
      context.rect((x * width) / map.width, (y * height) / map.height, width / map.width, height / map.height);
    }
  });
  context.clip();
  context.strokeStyle = ink;
  context.beginPath();
  for (let at = -height; at < width; at += PERIOD) {
    context.moveTo(at, height);
    context.lineTo(at + height, 0);
  }
  context.stroke();
  return bad;
}
