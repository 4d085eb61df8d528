import { readUnderPointer } from "#src/views/pointer";
import type { Frame, Look, Tip, View } from "#src/views/view";

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
  /** Lines on a row. @param share where the pointer is along it, 0..1. */
  read(place: number, frame: Frame, look: Look, share: number): readonly string[];
}

/** A tile of rows, a line on what they leave out, and the values under the pointer. */
export function rowTile<Row extends TileRow>(root: HTMLElement, tip: Tip, drawing: RowDrawing<Row>): View {
  const rows: Row[] = [];
  const rest = document.createElement("div");
  rest.className = "rest";
  root.classList.add(drawing.name);
  root.append(rest);
  let drawn: { readonly frame: Frame; readonly look: Look } | undefined;
  const stop = readUnderPointer(root, tip, (event) => {
    const place = rows.findIndex((row) => row.root.contains(event.target as Node));
    const row = rows[place];
    if (row === undefined || drawn === undefined) {
      return [];
    }
    const box = row.root.getBoundingClientRect();
    return drawing.read(place, drawn.frame, drawn.look, (event.clientX - box.left) / box.width);
  });
  return {
    update(frame, look) {
      drawn = { frame, look };
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
    },
    dispose() {
      stop();
      root.replaceChildren();
    },
  };
}
