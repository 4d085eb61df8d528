import { besides, type Spot } from "#src/math/spot";
import type { Frame, Look, Reading, View } from "#src/views/view";

/** One part of a tile: a bar, a chip, a strip. */
export interface TileRow {
  readonly root: HTMLElement;
}

/** How a tile made of rows draws them. Places count from 0. */
export interface RowDrawing<Row extends TileRow> {
  /** CSS class of the tile. */
  readonly name: string;
  /** CSS pixels. */
  readonly width: number;
  /** How many rows a map has, and words on what they leave out. */
  count(frame: Frame, look: Look): { readonly rows: number; readonly rest: string };
  make(place: number): Row;
  fill(row: Row, place: number, frame: Frame, look: Look): void;
  /** What the row at a place is of, in the order of the input. */
  item(place: number, frame: Frame, look: Look): number;
  /** How many values lie along a row. */
  along(frame: Frame): number;
  /** What there is on a row. @param share where along it, 0..1. */
  read(item: number, frame: Frame, look: Look, share: number): Reading;
}

/** Values of a shape that a log claims, before there are any. */
const MOST = 2 ** 16;

/** A map that says nothing. */
function blank(shape: readonly number[]): Frame {
  const cells = shape.reduce((product, side) => product * side, 1);
  return {
    values: new Float32Array(Math.min(MOST, cells)),
    shape,
    methodShape: shape,
    thumbnail: false,
    bound: () => 0,
    errors: undefined,
    groups: undefined,
    input: undefined,
  };
}

/** A tile of rows, and a line on what they leave out. */
export function rowTile<Row extends TileRow>(root: HTMLElement, drawing: RowDrawing<Row>): View {
  const rows: Row[] = [];
  const rest = document.createElement("div");
  rest.className = "rest";
  root.classList.add(drawing.name);
  root.append(rest);
  let drawn: { readonly frame: Frame; readonly look: Look } | undefined;
  let marked: HTMLElement | undefined;
  const itemAt = (place: number) => drawn && drawing.item(place, drawn.frame, drawn.look);
  const placeOf = (spot: Spot | undefined) =>
    spot?.on === "row" ? rows.findIndex((_, place) => itemAt(place) === spot.row) : -1;
  const draw = (frame: Frame, look: Look) => {
    root.style.width = `${drawing.width}px`;
    const wanted = drawing.count(frame, look);
    for (const row of rows.splice(wanted.rows)) {
      row.root.remove();
    }
    while (rows.length < wanted.rows) {
      const row = drawing.make(rows.length);
      rows.push(row);
      root.insertBefore(row.root, rest);
    }
    rest.textContent = wanted.rest;
    rows.forEach((row, place) => {
      drawing.fill(row, place, frame, look);
    });
  };
  return {
    reserve(shape, look) {
      root.classList.add("blank");
      draw(blank(shape), look);
    },
    update(frame, look) {
      drawn = { frame, look };
      root.classList.remove("blank");
      draw(frame, look);
    },
    spotAt(event) {
      const place = rows.findIndex((row) => row.root.contains(event.target as Node));
      const item = place < 0 ? undefined : itemAt(place);
      if (item === undefined) {
        return undefined;
      }
      const box = rows[place]!.root.getBoundingClientRect();
      return { on: "row", row: item, along: Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) };
    },
    step(from, right, down) {
      const count = drawn === undefined ? 1 : drawing.along(drawn.frame);
      const at = placeOf(from);
      const onward = count === 1 ? down + right : down;
      const item = itemAt(at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + onward)));
      const along = from?.on === "row" && at >= 0 ? besides(from.along, count === 1 ? 0 : right, count) : 0.5 / count;
      return item === undefined ? undefined : { on: "row", row: item, along };
    },
    placeOf(spot) {
      const box = rows[placeOf(spot)]?.root.getBoundingClientRect();
      return box !== undefined && spot.on === "row"
        ? { clientX: box.left + spot.along * box.width, clientY: box.top + box.height / 2 }
        : undefined;
    },
    mark(spot) {
      const row = rows[placeOf(spot)]?.root;
      marked?.classList.remove("marked");
      row?.classList.add("marked");
      row?.style.setProperty("--along", String(spot?.on === "row" ? spot.along : 0));
      marked = row;
    },
    read: (spot) =>
      drawn && spot.on === "row" ? drawing.read(spot.row, drawn.frame, drawn.look, spot.along) : undefined,
    dispose() {
      root.replaceChildren();
      root.classList.remove(drawing.name, "blank");
      root.removeAttribute("style");
    },
  };
}
