import { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { middle, panned, WHOLE, zoomed } from "#src/math/window";
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

/**
 * Wheel with Ctrl and pinch enlarge the pictures in a row, a drag moves what is enlarged, a double click shows all of it
 * again. A plain wheel is left to what scrolls. Returns what stops it.
 */
export function followGestures(page: Page, place: Place, row: HTMLElement): () => void {
  const window = page.zooms.of(place);
  let dragged: { readonly picture: HTMLElement; readonly x: number; readonly y: number } | undefined;
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
    if (picture !== null && event.button === 0 && window.peek().zoom > 1) {
      picture.setPointerCapture(event.pointerId);
      dragged = { picture, x: event.clientX, y: event.clientY };
    }
  };
  const move = (event: PointerEvent) => {
    if (dragged !== undefined) {
      const { clientWidth, clientHeight } = dragged.picture;
      const [right, below] = [event.clientX - dragged.x, event.clientY - dragged.y];
      window.value = panned(window.peek(), right / clientWidth, below / clientHeight);
      dragged = { ...dragged, x: event.clientX, y: event.clientY };
    }
  };
  const up = () => {
    dragged = undefined;
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
  return () => stop.abort();
}
