import { enlarge, type Plane, plane, relu } from "#src/math/grid";
import { hatch } from "#src/render/hatch";
import { canvasRenderer, type TileRenderer } from "#src/render/tile_renderer";
import { readUnderPointer } from "#src/views/pointer";
import { reading } from "#src/views/reading";
import { tableFor } from "#src/views/tables";
import type { Frame, Look, MakeView, Subject, Tip, View } from "#src/views/view";

/** A grid this much coarser than the screen (a CAM's) is smoothed by value; finer ones are left to the browser. */
const COARSE = 6;

function layer(root: HTMLElement, tag: "img" | "canvas", name: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  root.append(element);
  return element;
}

/** A picture's sides, relative to its width, as far as a log may claim them. */
const FLATTEST = 1 / 8;
const TALLEST = 4;

/** Height of a tile for its width: that of the input. */
export function tileHeight(inputShape: readonly number[], tile: number): number {
  const [height = 1, width = 1] = inputShape;
  return Math.round(tile * Math.min(TALLEST, Math.max(FLATTEST, height / Math.max(1, width))));
}

class ImageView implements View {
  #base: HTMLImageElement | undefined;
  readonly #heat: HTMLCanvasElement;
  readonly #hatch: HTMLCanvasElement;
  readonly #stopReading: () => void;
  #stored: Plane | undefined;
  #frame: Frame | undefined;
  #look: Look | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly subject: Subject,
    tip: Tip,
    private readonly renderer: TileRenderer = canvasRenderer,
  ) {
    root.classList.add("picture");
    if (subject.picture !== undefined) {
      this.#base = layer(root, "img", "base") as HTMLImageElement;
      this.#base.alt = "";
      this.#base.addEventListener("error", this.#unreadable);
      this.#base.src = subject.picture;
    }
    this.#heat = layer(root, "canvas", "heat") as HTMLCanvasElement;
    this.#hatch = layer(root, "canvas", "hatch") as HTMLCanvasElement;
    this.#stopReading = readUnderPointer(root, tip, (event) => this.#read(event));
  }

  update(frame: Frame, look: Look): void {
    const stored = plane(frame.values, frame.shape);
    this.#stored = stored;
    this.#frame = frame;
    this.#look = look;
    const height = tileHeight(this.subject.inputShape, look.tile);
    this.root.style.width = `${look.tile}px`;
    this.root.style.height = `${height}px`;
    if (stored === undefined) {
      throw new Error(`a map of shape [${frame.shape}] is no picture`);
    }
    const overlay = look.overlay && this.#base !== undefined;
    this.root.classList.toggle("overlaid", overlay);
    this.#heat.style.opacity = overlay ? String(look.opacity) : "1";
    this.#heat.classList.toggle("cells", look.cells);
    let drawn: Plane = look.relu ? { ...stored, values: relu(stored.values) } : stored;
    if (!look.cells && stored.width * COARSE <= look.tile) {
      drawn = enlarge(drawn, height, look.tile);
    }
    const { scale } = look;
    this.renderer.draw(this.#heat, drawn, scale, tableFor(look.colours, scale, overlay));
    hatch(this.#hatch, stored, height, look.tile, look.dark ? "#fff" : "#000");
  }

  dispose(): void {
    this.#stopReading();
    this.root.replaceChildren();
  }

  /** The maps are drawn as they are without an input; the row's head says why. */
  readonly #unreadable = () => {
    this.#base?.remove();
    this.#base = undefined;
    if (this.#stored !== undefined && this.#frame !== undefined && this.#look !== undefined) {
      this.update(this.#frame, this.#look);
    }
  };

  #read(event: PointerEvent): string[] {
    const stored = this.#stored;
    const look = this.#look;
    if (stored === undefined || look === undefined) {
      return [];
    }
    const box = this.root.getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * stored.width);
    const y = Math.floor(((event.clientY - box.top) / box.height) * stored.height);
    const value = stored.values[y * stored.width + x];
    if (x < 0 || x >= stored.width || value === undefined) {
      return [];
    }
    const channels = this.#frame?.shape[2] ?? 1;
    return [
      ...reading(value, look),
      `row ${y}, column ${x} of ${stored.height} × ${stored.width}`,
      ...(channels > 1 ? [`sum of ${channels} channels`] : []),
      ...(this.#frame?.thumbnail ? ["thumbnail: mean of several stored cells"] : []),
    ];
  }
}

export const imageView: MakeView = (root, subject, tip) => new ImageView(root, subject, tip);
