import { enlarge, type Plane, plane, relu } from "#src/math/grid";
import { remembered } from "#src/math/remembered";
import { besides, cellAt, type Spot } from "#src/math/spot";
import { middle, WHOLE } from "#src/math/window";
import { hatch } from "#src/render/hatch";
import { canvasRenderer, type TileRenderer } from "#src/render/tile_renderer";
import { crosshair, frame as lay, picturePlace, pictureSpot } from "#src/views/crosshair";
import { whenNear } from "#src/views/near";
import { groupOf, pixelWords, reading } from "#src/views/reading";
import { segmentBorders } from "#src/views/segment_borders";
import { tableFor } from "#src/views/tables";
import type { Frame, Look, MakeView, Reading, Subject, View } from "#src/views/view";

/** A grid this much coarser than the screen and coarser than the picture (a CAM's) is smoothed by value; finer ones are
 * left to the browser. */
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

/** What it shows, drawn or not yet. */
interface Shown extends Planes {
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
  readonly #room = remembered<void>();
  readonly #laid = remembered<void>();
  readonly #planes = remembered<Planes>();
  readonly #enlarged = remembered<Plane>();
  readonly #coloured = remembered<void>();
  readonly #hatched = remembered<void>();
  readonly #forget: () => void;
  #shown: Shown | undefined;
  // Pictures out of view are not drawn, and have no layers: half of a grid is, and a drag draws all at every frame.
  #near = true;
  #stale = false;

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
    this.#forget = whenNear(root, (near) => {
      this.#near = near;
      root.classList.toggle("away", !near);
      if (near && this.#stale && this.#shown !== undefined) {
        this.#draw(this.#shown);
      }
    });
  }

  reserve(_shape: readonly number[], { tile }: Look): void {
    this.root.style.width = `${tile}px`;
    this.root.style.height = `${tileHeight(this.subject.inputShape, tile)}px`;
  }

  update(frame: Frame, look: Look): void {
    const planes = this.#planes([frame], () => planesOf(frame));
    this.#shown = { ...planes, frame, look };
    this.#room([look.tile], () => this.reserve(frame.shape, look));
    this.#stale = true;
    if (this.#near) {
      this.#draw(this.#shown);
    }
  }

  #draw({ map, errors, frame, look }: Shown): void {
    this.#stale = false;
    const height = tileHeight(this.subject.inputShape, look.tile);
    this.#laid([look.window], () => lay(this.#layers, look.window));
    const overlay = look.overlay && this.#base !== undefined;
    this.root.classList.toggle("overlaid", overlay);
    this.root.classList.toggle("peeked", look.peek && this.#base !== undefined);
    const coarse = map.width * COARSE <= look.tile;
    // Pixels of a small picture are squares, and so are their scores: only what is coarser than the picture is smooth.
    const ofPixels = coarse && map.width >= (this.subject.inputShape[1] ?? 1);
    const cells = look.cells || frame.groups !== undefined || ofPixels;
    const smooth = coarse && !cells;
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
    const map = this.#shown?.map;
    const { x, y } = from?.on === "picture" ? from : middle(this.#shown?.look.window ?? WHOLE);
    return map && { on: "picture", x: besides(x, right, map.width), y: besides(y, down, map.height) };
  };

  read(spot: Spot): Reading | undefined {
    if (this.#shown === undefined || spot.on !== "picture") {
      return undefined;
    }
    const { map, errors, frame, look } = this.#shown;
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
        ...pixelWords(this.subject.inputShape, frame, row, column),
        ...(channels > 1 ? [`sum of ${channels} channels`] : []),
        ...(frame.thumbnail ? ["thumbnail: mean of several stored cells"] : []),
      ],
    };
  }

  dispose(): void {
    this.#forget();
    this.root.replaceChildren();
    this.root.classList.remove("picture", "away", "overlaid", "peeked");
    this.root.removeAttribute("style");
  }

  /** The maps are drawn as they are without an input; the row's head says why. */
  readonly #unreadable = () => {
    this.#base?.remove();
    this.#base = undefined;
    if (this.#shown !== undefined) {
      this.update(this.#shown.frame, this.#shown.look);
    }
  };
}

export const imageView: MakeView = (root, subject) => new ImageView(root, subject);
