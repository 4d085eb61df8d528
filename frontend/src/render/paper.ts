import { oneLine } from "#src/math/plain_text";
import { wrapped } from "#src/math/wrapped";

const FONT = "system-ui, sans-serif";
export const INK = "#1b1f23";
export const QUIET = "#57606a";
const WARN = "#8a4600";
const WARN_PAPER = "#fff4e0";
/** CSS pixels from one line of text to the next. */
export const LINE = 16;

function setFont(context: CanvasRenderingContext2D, bold: boolean): void {
  context.font = `${bold ? 600 : 400} 12px ${FONT}`;
}

/** The lines that a text takes, none wider than `width` CSS pixels. */
export function linesOf(text: string, width: number, bold = false): string[] {
  const context = document.createElement("canvas").getContext("2d")!;
  setFont(context, bold);
  return wrapped(oneLine(text), (line) => context.measureText(line).width <= width);
}

/** A sheet that texts are written and pictures are laid on. Places are in CSS pixels. */
export class Paper {
  readonly canvas = document.createElement("canvas");
  readonly context: CanvasRenderingContext2D;

  /** @param scale pixels of the sheet for one of its own. */
  constructor(
    width: number,
    height: number,
    readonly scale: number,
  ) {
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    const context = this.canvas.getContext("2d");
    if (context === null) {
      throw new Error("the browser draws no canvas of this size");
    }
    this.context = context;
    context.scale(scale, scale);
    context.direction = "ltr";
    context.textBaseline = "top";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
  }

  /** Writes one line. */
  write(line: string, x: number, y: number, style: { bold?: boolean; ink?: string } = {}): void {
    const { context } = this;
    setFont(context, style.bold ?? false);
    context.fillStyle = style.ink ?? INK;
    context.fillText(line, x, y);
  }

  /** Writes one line as a warning. */
  badge(line: string, x: number, y: number): void {
    const { context } = this;
    setFont(context, false);
    context.fillStyle = WARN_PAPER;
    context.fillRect(x - 3, y - 1, context.measureText(line).width + 6, LINE - 1);
    this.write(line, x, y, { ink: WARN });
  }

  /** A dashed line around a picture at a place. */
  dash(x: number, y: number, width: number, height: number): void {
    const { context } = this;
    context.save();
    context.strokeStyle = WARN;
    context.setLineDash([3, 3]);
    context.strokeRect(x - 1.5, y - 1.5, width + 3, height + 3);
    context.restore();
  }
}

/** The greys of a picture, as CSS's grayscale filter has them. */
function grey(image: HTMLImageElement): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d")!;
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < pixels.data.length; at += 4) {
    const [red = 0, green = 0, blue = 0] = pixels.data.subarray(at, at + 3);
    pixels.data.fill(Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue), at, at + 3);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** Draws a picture as it is on the screen: the layers of an element `.picture`, in the part of them that is seen. */
export function drawPicture(paper: Paper, picture: HTMLElement, x: number, y: number): void {
  const box = picture.getBoundingClientRect();
  const whole = getComputedStyle(picture);
  const { canvas, context } = new Paper(box.width, box.height, paper.scale);
  context.fillStyle = whole.backgroundColor;
  context.fillRect(0, 0, box.width, box.height);
  for (const layer of picture.querySelectorAll<HTMLElement | SVGSVGElement>("img, canvas, svg")) {
    const style = getComputedStyle(layer);
    if (style.visibility !== "hidden") {
      const place = layer.getBoundingClientRect();
      context.save();
      context.globalAlpha = Number(style.opacity);
      context.imageSmoothingEnabled = style.imageRendering !== "pixelated";
      context.translate(place.left - box.left, place.top - box.top);
      if (layer instanceof SVGSVGElement) {
        drawLines(context, layer, place);
      } else if (layer instanceof HTMLImageElement) {
        context.drawImage(style.filter === "none" ? layer : grey(layer), 0, 0, place.width, place.height);
      } else if (layer instanceof HTMLCanvasElement) {
        context.drawImage(layer, 0, 0, place.width, place.height);
      }
      context.restore();
    }
  }
  paper.context.globalAlpha = Number(whole.opacity);
  paper.context.drawImage(canvas, x, y, canvas.width / paper.scale, canvas.height / paper.scale);
  paper.context.globalAlpha = 1;
}

function drawLines(context: CanvasRenderingContext2D, drawing: SVGSVGElement, place: DOMRect): void {
  const { width, height } = drawing.viewBox.baseVal;
  const lines = new Path2D();
  const whole = new DOMMatrix([place.width / width, 0, 0, place.height / height, 0, 0]);
  lines.addPath(new Path2D(drawing.querySelector("path")?.getAttribute("d") ?? ""), whole);
  context.strokeStyle = "#000a";
  context.stroke(lines);
}
