import { outlines } from "#src/math/outlines";
import type { Frame, Groups } from "#src/views/view";

const SVG = "http://www.w3.org/2000/svg";

/** Draws thin lines between segments over a picture; they stay thin when it is enlarged. */
export function segmentBorders(layers: HTMLElement): (frame: Frame) => void {
  let drawing: SVGSVGElement | undefined;
  let drawn: Groups | undefined;
  return ({ groups, shape: [height = 1, width = 1] }) => {
    if (groups?.ids === drawn?.ids) {
      return;
    }
    drawn = groups;
    drawing?.remove();
    if (groups === undefined) {
      return;
    }
    drawing = document.createElementNS(SVG, "svg");
    drawing.setAttribute("class", "borders");
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawing.setAttribute("preserveAspectRatio", "none");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", outlines(groups.ids, height, width));
    drawing.append(path);
    layers.querySelector(".heat")?.after(drawing);
  };
}
