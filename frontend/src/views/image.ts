import { enlarge, type Plane, plane, relu } from "#src/math/grid";
import { remembered } from "#src/math/remembered";
import { besides, cellAt, pixelsOf, type Spot } from "#src/math/spot";
import { middle, WHOLE } from "#src/math/window";
import { hatch } from "#src/render/hatch";
import { canvasRenderer, type TileRenderer } from "#src/render/tile_renderer";
import { crosshair, frame as lay, picturePlace, pictureSpot } from "#src/views/crosshair";
import { groupOf, reading } from "#src/views/reading";
import { segmentBorders } from "#src/views/segment_borders";
import { tableFor } from "#src/views/tables";
import type { Frame, Look, MakeView, Reading, Subject, View } from "#src/views/view";

/** A grid this much coarser than the screen (a CAM's) is smoothed by value; finer ones are left to the browser. */
const COARSE = 6;

function layer<Tag extends "img" | "canvas" | "div">(root: HTMLElement, tag: Tag, name: string) {
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

/** A map as one plane, with the errors of its cells. */
interface Planes {
  readonly map: Plane;
  readonly errors: Float32Array | undefined;
}

function planesOf({ values, errors, shape }: Frame): Planes {
  const map = plane(values, shape);
  if (map === undefined) {
    throw new Error(`a map of shape [${shape}] is no picture`);
  }
  return { map, errors: errors && plane(errors.values, shape)?.values };
}

/** What is drawn. */
interface Drawn extends Planes {
  readonly frame: Frame;
  readonly look: Look;
}

class ImageView implements View {
  #base: HTMLImageElement | undefined;
  readonly #layers: HTMLElement;
  readonly #heat: HTMLCanvasElement;
  readonly #hatch: HTMLCanvasElement;
  readonly #borders: (frame: Frame) => void;
  readonly mark: (spot: Spot | undefined) => void;
  // A thumb that is dragged changes one thing, for all tiles at every frame: the rest stays as it was drawn.
  readonly #room = remembered<number>();
  readonly #laid = remembered<void>();
  readonly #planes = remembered<Planes>();
  readonly #enlarged = remembered<Plane>();
  readonly #coloured = remembered<void>();
  readonly #hatched = remembered<void>();
  #drawn: Drawn | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly subject: Subject,
    private readonly renderer: TileRenderer = canvasRenderer,
  ) {
    root.classList.add("picture");
    this.#layers = layer(root, "div", "layers");
    if (subject.picture !== undefined) {
      this.#base = layer(this.#layers, "img", "base");
      this.#base.alt = "";
      this.#base.draggable = false; // a drag moves what is enlarged
      this.#base.addEventListener("error", this.#unreadable);
      this.#base.src = subject.picture;
    }
    this.#heat = layer(this.#layers, "canvas", "heat");
    this.#borders = segmentBorders(this.#layers);
    this.#hatch = layer(root, "canvas", "hatch");
    this.mark = crosshair(this.#layers);
  }

  reserve(_shape: readonly number[], { tile }: Look): number {
    const height = tileHeight(this.subject.inputShape, tile);
    this.root.style.width = `${tile}px`;
    this.root.style.height = `${height}px`;
    return height;
  }

  update(frame: Frame, look: Look): void {
    const { map, errors } = this.#planes([frame], () => planesOf(frame));
    this.#drawn = { map, errors, frame, look };
    const height = this.#room([look.tile], () => this.reserve(frame.shape, look));
    this.#laid([look.window], () => lay(this.#layers, look.window));
    const overlay = look.overlay && this.#base !== undefined;
    this.root.classList.toggle("overlaid", overlay);
    this.root.classList.toggle("peeked", look.peek && this.#base !== undefined);
    const cells = look.cells || frame.groups !== undefined;
    const smooth = !cells && map.width * COARSE <= look.tile;
    // A picture of stored cells shows them as soon as they are large enough to be seen.
    this.#heat.classList.toggle("cells", cells || (look.window.zoom > 1 && !smooth));
    this.#borders(frame);
    const { scale, tile, window, dark } = look;
    const drawn = this.#enlarged([frame, look.relu, smooth && [height, tile].join()], () => {
      const values = look.relu ? { ...map, values: relu(map.values) } : map;
      return smooth ? enlarge(values, height, tile) : values;
    });
    const table = tableFor(look.colours, scale, overlay);
    this.#coloured([drawn, scale, table], () => this.renderer.draw(this.#heat, drawn, scale, table));
    this.#hatched([frame, window, height, tile, dark], () =>
      hatch(this.#hatch, map, errors, window, height, tile, dark),
    );
  }

  spotAt(event: PointerEvent): Spot | undefined {
    return pictureSpot(this.#layers, event);
  }

  placeOf(spot: Spot) {
    return picturePlace(this.#layers, spot);
  }

  readonly step = (from: Spot | undefined, right: number, down: number): Spot | undefined => {
    const map = this.#drawn?.map;
    const { x, y } = from?.on === "picture" ? from : middle(this.#drawn?.look.window ?? WHOLE);
    return map && { on: "picture", x: besides(x, right, map.width), y: besides(y, down, map.height) };
  };

  read(spot: Spot): Reading | undefined {
    if (this.#drawn === undefined || spot.on !== "picture") {
      return undefined;
    }
    const { map, errors, frame, look } = this.#drawn;
    const row = cellAt(spot.y, map.height);
    const column = cellAt(spot.x, map.width);
    const cell = row * map.width + column;
    const channels = frame.shape[2] ?? 1;
    let bound = 0;
    for (let channel = 0; channel < channels; channel++) {
      bound += frame.bound(cell * channels + channel);
    }
    const error = frame.errors && { value: errors?.[cell] ?? Number.NaN, words: frame.errors.words };
    const group = frame.groups === undefined ? { among: map.values } : groupOf(frame, cell);
    const read = frame.wording?.read(cell, look) ?? reading({ value: map.values[cell]!, bound, ...group, error }, look);
    return {
      ...read,
      lines: [
        ...read.lines,
        `row ${row}, column ${column} of ${map.height} × ${map.width}`,
        ...this.#pixelWords(frame, row, column),
        ...(channels > 1 ? [`sum of ${channels} channels`] : []),
        ...(frame.thumbnail ? ["thumbnail: mean of several stored cells"] : []),
      ],
    };
  }

  dispose(): void {
    this.root.replaceChildren();
  }

  /** Which pixels of the input a cell holds, where it holds several. */
  #pixelWords({ shape, methodShape, thumbnail }: Frame, row: number, column: number): string[] {
    const [height = 0, width = 0] = this.subject.inputShape;
    const [rows = 1, columns = 1] = shape;
    if (rows >= height && columns >= width) {
      return [];
    }
    // A thumbnail's cell is a block of stored cells, which may be blocks themselves.
    const [down = rows, across = columns] = thumbnail ? shape : methodShape;
    const y = pixelsOf(row, rows, down, height);
    const x = pixelsOf(column, columns, across, width);
    return [`input rows ${y.join("–")}, columns ${x.join("–")}`];
  }

  /** The maps are drawn as they are without an input; the row's head says why. */
  readonly #unreadable = () => {
    this.#base?.remove();
    this.#base = undefined;
    if (this.#drawn !== undefined) {
      this.update(this.#drawn.frame, this.#drawn.look);
    }
  };
}

export const imageView: MakeView = (root, subject) => new ImageView(root, subject);
