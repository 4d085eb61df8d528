import type { Spot } from "#src/math/spot";
import type { Window } from "#src/math/window";
import type { Place } from "#src/views/view";

function line(parent: HTMLElement, name: string): HTMLElement {
  const element = document.createElement("div");
  element.className = `cross ${name}`;
  element.hidden = true;
  parent.append(element);
  return element;
}

/** Two lines that cross at a spot of a picture; they are laid over what is in `parent`. */
export function crosshair(parent: HTMLElement): (spot: Spot | undefined) => void {
  const down = line(parent, "down");
  const across = line(parent, "across");
  let last: Spot | undefined;
  return (spot) => {
    const shown = spot?.on === "picture" ? spot : undefined;
    // Every tile is told at every drawing: an attribute that is set makes work for the browser, even to what it was.
    if (shown === last) {
      return;
    }
    last = shown;
    down.hidden = shown === undefined;
    across.hidden = shown === undefined;
    if (shown !== undefined) {
      down.style.left = `${100 * shown.x}%`;
      across.style.top = `${100 * shown.y}%`;
    }
  };
}

/** Lays a picture's layers out so that a window of it fills the element around them. */
export function frame(layers: HTMLElement, { x, y, zoom }: Window): void {
  layers.style.inset = `${-100 * y * zoom}% auto auto ${-100 * x * zoom}%`;
  layers.style.width = `${100 * zoom}%`;
  layers.style.height = `${100 * zoom}%`;
}

/** The spot of a picture under the pointer. @param layers the whole picture, as large as it is drawn. */
export function pictureSpot(layers: HTMLElement, { clientX, clientY }: Place): Spot | undefined {
  const box = layers.getBoundingClientRect();
  const [x, y] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
  return x >= 0 && x < 1 && y >= 0 && y < 1 ? { on: "picture", x, y } : undefined;
}

export function picturePlace(layers: HTMLElement, spot: Spot): Place | undefined {
  const box = layers.getBoundingClientRect();
  return spot.on === "picture"
    ? { clientX: box.left + spot.x * box.width, clientY: box.top + spot.y * box.height }
    : undefined;
}
