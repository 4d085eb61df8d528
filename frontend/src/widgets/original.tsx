import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { cellAt, type Spot } from "#src/math/spot";
import type { Place } from "#src/state/current";
import { crosshair, frame, picturePlace, pictureSpot } from "#src/views/crosshair";
import { tileHeight } from "#src/views/image";
import type { Page } from "#src/widgets/page";
import { readable } from "#src/widgets/reading";

/** What the pixel under a spot is called. */
function pixelName(spot: Spot, [height = 1, width = 1]: readonly number[]): string {
  return spot.on === "picture"
    ? `input row ${cellAt(spot.y, height)}, column ${cellAt(spot.x, width)} of ${height} × ${width}`
    : "";
}

interface Props {
  readonly page: Page;
  readonly place: Place;
  readonly src: string;
  readonly alt: string;
  readonly inputShape: readonly number[];
  /** CSS pixels. */
  readonly tile: number;
  readonly onError: () => void;
}

/** The input as a picture, enlarged and marked as the maps of its row are. */
export function Original({ page, place, src, alt, inputShape, tile, onError }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const layers = useRef<HTMLDivElement>(null);
  const window = page.zooms.of(place).value;
  useLayoutEffect(() => {
    if (layers.current !== null) {
      frame(layers.current, window);
    }
  }, [window]);
  const { hash, example } = place;
  useEffect(() => {
    const whole = layers.current;
    if (whole === null || root.current === null) {
      return undefined;
    }
    const view = {
      spotAt: (event: PointerEvent) => pictureSpot(whole, event),
      placeOf: (spot: Spot) => picturePlace(whole, spot),
      mark: crosshair(whole),
      read: (spot: Spot) => ({ value: "", lines: [pixelName(spot, inputShape)] }),
    };
    const picture = { hash, example, input: undefined, source: "" };
    return readable(page, picture, root.current, view, page.zooms.of(picture), () => undefined);
  }, [hash, example]);
  return (
    <div
      ref={root}
      class="picture original-box"
      style={{ width: `${tile}px`, height: `${tileHeight(inputShape, tile)}px` }}
    >
      <div ref={layers} class="layers">
        <img class="original" draggable={false} alt={alt} src={src} onError={onError} />
      </div>
    </div>
  );
}
