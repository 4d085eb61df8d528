import { effect } from "@preact/signals";
import { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { middle, type Pinch, panned, pinched, WHOLE, zoomed } from "#src/math/window";
import { type Place, same } from "#src/state/current";
import { known } from "#src/state/loaded";
import type { Page } from "#src/widgets/page";

/** How much a pixel of a wheel or of a pinch enlarges, as a power of e. */
const PER_PIXEL = 0.01;
/** A notch of a wheel is 100 pixels and more, which would be too much at once. */
const MOST_PIXELS = 40;
const LINE = 16; // pixels

function pictureOf(event: Event): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>(".picture") : null;
}

/** Enlarges a row's pictures around the spot that is read there, or around the middle of what is seen. */
export function zoomRow({ session, reader, zooms }: Page, place: Place, factor: number): void {
  if (known(session.probes.get(place.hash))?.modality !== Modality.IMAGE) {
    return;
  }
  const window = zooms.of(place);
  const cursor = reader.cursor.peek();
  const spot = cursor !== undefined && same(cursor, place) && cursor.spot.on === "picture" ? cursor.spot : undefined;
  window.value = zoomed(window.peek(), spot ?? middle(window.peek()), factor);
}

/** A pressed mouse button, or a finger. */
interface Pressed {
  readonly picture: HTMLElement;
  readonly x: number;
  readonly y: number;
}

/** Two fingers, in shares of the picture that the first is on; they may be on two of them. */
function pinchOf([one, other]: readonly Pressed[]): Pinch {
  const { left, top, width, height } = one!.picture.getBoundingClientRect();
  return {
    x: ((one!.x + other!.x) / 2 - left) / width,
    y: ((one!.y + other!.y) / 2 - top) / height,
    apart: Math.max(1, Math.hypot(one!.x - other!.x, one!.y - other!.y)),
  };
}

/**
 * Wheel with Ctrl and two fingers enlarge the pictures in a row, a drag moves what is enlarged, a double click shows all
 * of it again. A plain wheel, and one finger on what is not enlarged, are left to what scrolls. Returns what stops it.
 */
export function followGestures(page: Page, place: Place, row: HTMLElement): () => void {
  const window = page.zooms.of(place);
  const pressed = new Map<number, Pressed>();
  const wheel = (event: WheelEvent) => {
    if (pictureOf(event) === null || !event.ctrlKey) {
      return;
    }
    event.preventDefault(); // else the browser enlarges all of the page
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE);
    zoomRow(page, place, Math.exp(-PER_PIXEL * Math.max(-MOST_PIXELS, Math.min(MOST_PIXELS, pixels))));
  };
  const down = (event: PointerEvent) => {
    const picture = pictureOf(event);
    const touch = event.pointerType === "touch";
    if (picture !== null && event.button === 0 && (touch || window.peek().zoom > 1)) {
      picture.setPointerCapture(event.pointerId);
      if (event.isPrimary) {
        pressed.clear(); // of a picture that is gone, nobody saw the end
      }
      pressed.set(event.pointerId, { picture, x: event.clientX, y: event.clientY });
    }
  };
  const move = (event: PointerEvent) => {
    const was = pressed.get(event.pointerId);
    if (was === undefined) {
      return;
    }
    const before = [...pressed.values()];
    const { clientX: x, clientY: y } = event;
    pressed.set(event.pointerId, { ...was, x, y });
    if (before.length > 1) {
      event.stopPropagation(); // who enlarges reads nothing
      window.value = pinched(window.peek(), pinchOf(before), pinchOf([...pressed.values()]));
    } else {
      const { clientWidth, clientHeight } = was.picture;
      window.value = panned(window.peek(), (x - was.x) / clientWidth, (y - was.y) / clientHeight);
    }
  };
  const up = (event: PointerEvent) => {
    pressed.delete(event.pointerId);
  };
  const whole = (event: Event) => {
    if (pictureOf(event) !== null) {
      window.value = WHOLE;
    }
  };
  const stop = new AbortController();
  const { signal } = stop;
  row.addEventListener("wheel", wheel, { signal, passive: false });
  row.addEventListener("pointerdown", down, { signal });
  row.addEventListener("pointermove", move, { signal, capture: true }); // before the spot under the pointer is read
  row.addEventListener("pointerup", up, { signal });
  row.addEventListener("pointercancel", up, { signal });
  row.addEventListener("dblclick", whole, { signal });
  const mark = effect(() => {
    row.toggleAttribute("data-enlarged", window.value.zoom > 1);
  });
  return () => {
    mark();
    stop.abort();
  };
}
