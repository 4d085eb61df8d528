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
/** Colours along a strip and points of its line; a screen has no more, and a canvas ends somewhere above. */
const TIMES = 2048;

/** The strongest score of each run of times, so that no more than `TIMES` are drawn. What is not finite wins. */
export function strongest(scores: Float32Array): Float32Array {
  const span = Math.ceil(scores.length / TIMES);
  if (span <= 1) {
    return scores;
  }
  return Float32Array.from({ length: Math.ceil(scores.length / span) }, (_, at) =>
    scores
      .subarray(at * span, (at + 1) * span)
      .reduce((best, score) => (Math.abs(score) <= Math.abs(best) || Number.isNaN(best) ? best : score)),
  );
}

/** Words on what a tile leaves out. */
export function leftOut(channels: number, times: number): string {
  const span = Math.ceil(times / TIMES);
  return [
    channels > CHANNELS ? `and ${channels - CHANNELS} more channels` : "",
    span > 1 ? `each colour is the strongest of ${span} times` : "",
  ]
    .filter(Boolean)
    .join("; ");
}

interface Strip {
  readonly root: HTMLElement;
  readonly band: HTMLCanvasElement;
  readonly line: SVGPolylineElement;
}

/**
 * The polyline of one channel, in a box `count` wide and STRIP high; gaps where a value is not finite. Of a long
 * series, the lowest and the highest value of each stretch, which look the same.
 */
export function outline(values: Float32Array): string {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((least, value) => Math.min(least, value), Infinity);
  const range = finite.reduce((most, value) => Math.max(most, value), -Infinity) - low || 1;
  const point = (at: number) =>
    `${at + 0.5},${(STRIP - MARGIN - ((values[at]! - low) / range) * (STRIP - 2 * MARGIN)).toFixed(2)}`;
  return extremes(values).map(point).join(" ");
}

/** Indices of finite values, ascending: all, or the lowest and the highest of each of `TIMES` / 2 stretches. */
function extremes(values: Float32Array): number[] {
  const span = values.length <= TIMES ? 1 : Math.ceil((2 * values.length) / TIMES);
  const indices: number[] = [];
  for (let from = 0; from < values.length; from += span) {
    let least = -1;
    let most = -1;
    for (let at = from; at < Math.min(values.length, from + span); at++) {
      if (Number.isFinite(values[at])) {
        least = least < 0 || values[at]! < values[least]! ? at : least;
        most = most < 0 || values[at]! > values[most]! ? at : most;
      }
    }
    if (least >= 0) {
      indices.push(...new Set([Math.min(least, most), Math.max(least, most)]));
    }
  }
  return indices;
}

/** Each channel's line over a band with the colour of its score at each time. */
class TimeSeriesView implements View {
  readonly #strips: Strip[] = [];
  readonly #rest: HTMLElement;
  #frame: Frame | undefined;
  #look: Look | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly subject: Subject,
    private readonly tip: Tip,
  ) {
    root.classList.add("strips");
    this.#rest = document.createElement("div");
    this.#rest.className = "rest";
    root.append(this.#rest);
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
    this.#rest.textContent = leftOut(channels, times);
    this.#strips.forEach((strip, channel) => {
      // Summed channels colour every strip alike.
      const from = scored === channels ? channel : 0;
      const all = Float32Array.from({ length: times }, (_, t) => frame.values[t * scored + from] ?? Number.NaN);
      const scores = strongest(all);
      const values = look.relu ? relu(scores) : scores;
      const table = tableFor(look.colours, look.scale.signed, false);
      canvasRenderer.draw(strip.band, { values, height: 1, width: values.length }, look.scale, table);
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
      this.root.insertBefore(root, this.#rest);
      this.#strips.push({ root, band, line });
    }
  }

  #trace(strip: Strip, frame: Frame, channel: number, channels: number): void {
    const values = frame.input?.values;
    const count = values === undefined ? 0 : values.length / channels;
    strip.line.ownerSVGElement?.setAttribute("viewBox", `0 0 ${Math.max(1, count)} ${STRIP}`);
    const line = Float32Array.from({ length: count }, (_, t) => values?.[t * channels + channel] ?? Number.NaN);
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
