import type { Plane } from "#src/math/grid";
import { colourise, type Scale } from "#src/math/lookup";

/** Draws maps. Narrow on purpose: another way to draw has to do only this. */
export interface TileRenderer {
  /** Fills `canvas`, one pixel per cell, sized to the map. */
  draw(canvas: HTMLCanvasElement, map: Plane, scale: Scale, table: Uint8ClampedArray<ArrayBuffer>): void;
}

/** Canvas 2D: one table look-up per cell, no blending (that is CSS's). */
export const canvasRenderer: TileRenderer = {
  draw(canvas, map, scale, table) {
    if (canvas.width !== map.width || canvas.height !== map.height) {
      canvas.width = map.width;
      canvas.height = map.height;
    }
    const context = canvas.getContext("2d");
    context?.putImageData(new ImageData(colourise(map.values, scale, table), map.width, map.height), 0, 0);
  },
};
