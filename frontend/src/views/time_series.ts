import { relu } from "#src/math/grid";
import { numeral } from "#src/math/numerals";
import { canvasRenderer } from "#src/render/tile_renderer";
import { reading } from "#src/views/reading";
import { tableFor } from "#src/views/tables";
import type { Frame, Look, MakeView, Subject, Tip, View } from "#src/views/view";

const SVG = "http://www.w3.org/2000/svg";
/** CSS pixels. */
export const WIDTH = 320;
const STRIP = 56; // CSS pixels per channel
const MARGIN = 4;
/** More channels than this are not drawn: a log may claim any number. */
const CHANNELS = 64;

interface Strip {
  readonly root: HTMLElement;
  readonly band: HTMLCanvasElement;
  readonly line: SVGPolylineElement;
}

/** The polyline of one channel, in a box `count` wide and STRIP high; gaps where a value is not finite. */
export function outline(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...finite);
  const span = Math.max(...finite) - low || 1;
  return values
    .flatMap((value, at) =>
      Number.isFinite(value)
        ? [`${at + 0.5},${(STRIP - MARGIN - ((value - low) / span) * (STRIP - 2 * MARGIN)).toFixed(2)}`]
        : [],
    )
    .join(" ");
}

/** Each channel's line over a band with the colour of its score at each time. */
class TimeSeriesView implements View {
  readonly #strips: Strip[] = [];
  #frame: Frame | undefined;
  #look: Look | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly subject: Subject,
    private readonly tip: Tip,
  ) {
    root.classList.add("strips");
    root.addEventListener("pointermove", this.#read);
    root.addEventListener("pointerleave", this.#leave);
  }

  update(frame: Frame, look: Look): void {
    this.#frame = frame;
    this.#look = look;
    this.root.style.width = `${WIDTH}px`;
    const [times = 0, scored = 1] = frame.shape;
    const channels = this.subject.inputShape[1] ?? 1;
    this.#grow(Math.min(channels, CHANNELS));
    this.#strips.forEach((strip, channel) => {
      // Summed channels colour every strip alike.
      const from = scored === channels ? channel : 0;
      const scores = Float32Array.from({ length: times }, (_, t) => frame.values[t * scored + from] ?? Number.NaN);
      const values = look.relu ? relu(scores) : scores;
      const table = tableFor(look.colours, look.scale.signed, false);
      canvasRenderer.draw(strip.band, { values, height: 1, width: times }, look.scale, table);
      this.#trace(strip, frame, channel, channels);
    });
  }

  dispose(): void {
    this.root.removeEventListener("pointermove", this.#read);
    this.root.removeEventListener("pointerleave", this.#leave);
    this.root.replaceChildren();
  }

  #grow(count: number): void {
    while (this.#strips.length < count) {
      const root = document.createElement("div");
      root.className = "strip";
      root.style.height = `${STRIP}px`;
      const band = document.createElement("canvas");
      const drawing = document.createElementNS(SVG, "svg");
      const line = document.createElementNS(SVG, "polyline");
      drawing.setAttribute("preserveAspectRatio", "none");
      drawing.append(line);
      const name = document.createElement("span");
      name.textContent = this.subject.featureNames[this.#strips.length] ?? "";
      root.append(band, drawing, name);
      this.root.append(root);
      this.#strips.push({ root, band, line });
    }
  }

  #trace(strip: Strip, frame: Frame, channel: number, channels: number): void {
    const values = frame.input?.values;
    const count = values === undefined ? 0 : values.length / channels;
    strip.line.ownerSVGElement?.setAttribute("viewBox", `0 0 ${Math.max(1, count)} ${STRIP}`);
    const line = Array.from({ length: count }, (_, t) => values?.[t * channels + channel] ?? Number.NaN);
    strip.line.setAttribute("points", outline(line));
  }

  readonly #read = (event: PointerEvent) => {
    const channel = this.#strips.findIndex((strip) => strip.root.contains(event.target as Node));
    const box = this.#strips[channel]?.root.getBoundingClientRect();
    if (box === undefined || this.#frame === undefined || this.#look === undefined) {
      this.tip(event, []);
      return;
    }
    const [times = 0, scored = 1] = this.#frame.shape;
    const channels = this.subject.inputShape[1] ?? 1;
    const share = (event.clientX - box.left) / box.width;
    const time = Math.min(times - 1, Math.max(0, Math.floor(share * times)));
    const value = this.#frame.values[time * scored + (scored === channels ? channel : 0)] ?? Number.NaN;
    const name = this.subject.featureNames[channel] ?? `channel ${channel}`;
    const lines = [...reading(value, this.#look), `time ${time} of ${times}, ${name}`];
    const values = this.#frame.input?.values;
    const at = values === undefined ? -1 : Math.floor((share * values.length) / channels) * channels + channel;
    const input = values?.[at];
    this.tip(event, input === undefined ? lines : [...lines, `input ${numeral(input, 6)}`]);
  };

  readonly #leave = (event: PointerEvent) => this.tip(event, []);
}

export const timeSeriesView: MakeView = (root, subject, tip) => new TimeSeriesView(root, subject, tip);
