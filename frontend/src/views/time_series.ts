import type { InputValues } from "#src/data/probe";
import { relu } from "#src/math/grid";
import { numeral } from "#src/math/numerals";
import { cellAt } from "#src/math/spot";
import { canvasRenderer } from "#src/render/tile_renderer";
import { cellReading } from "#src/views/cell_reading";
import { type RowDrawing, rowTile, type TileRow } from "#src/views/row_tile";
import { tableFor } from "#src/views/tables";
import type { Frame, MakeView, Subject } from "#src/views/view";

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

interface Strip extends TileRow {
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

/** The polyline's points for one channel of the input, and the width of the box they lie in. */
function trace(input: InputValues | undefined, channel: number, channels: number): { points: string; width: number } {
  const width = input === undefined ? 0 : input.values.length / channels;
  const at = (time: number) => input?.values[time * channels + channel] ?? Number.NaN;
  return { points: outline(Float32Array.from({ length: width }, (_, time) => at(time))), width: Math.max(1, width) };
}

/** Each channel's line over a band with the colour of its score at each time. */
function strips(subject: Subject): RowDrawing<Strip> {
  const channels = subject.inputShape[1] ?? 1;
  /** Where a channel's score at a time is. Summed channels colour every strip alike. */
  const cellOf = ({ shape: [, scored = 1] }: Frame, channel: number, time: number) =>
    time * scored + (scored === channels ? channel : 0);
  const timesOf = ({ shape: [times = 0] }: Frame) => times;
  return {
    name: "strips",
    width: WIDTH,
    count: (frame) => ({ rows: Math.min(channels, CHANNELS), rest: leftOut(channels, timesOf(frame)) }),
    make(place) {
      const root = document.createElement("div");
      root.className = "strip";
      root.style.height = `${STRIP}px`;
      const band = document.createElement("canvas");
      const drawing = document.createElementNS(SVG, "svg");
      const line = document.createElementNS(SVG, "polyline");
      drawing.setAttribute("preserveAspectRatio", "none");
      drawing.append(line);
      const name = document.createElement("span");
      name.textContent = subject.featureNames[place] ?? "";
      root.append(band, drawing, name);
      return { root, band, line };
    },
    fill(strip, channel, frame, look) {
      const at = (time: number) => frame.values[cellOf(frame, channel, time)] ?? Number.NaN;
      const scores = strongest(Float32Array.from({ length: timesOf(frame) }, (_, time) => at(time)));
      const values = look.relu ? relu(scores) : scores;
      const table = tableFor(look.colours, look.scale, false);
      canvasRenderer.draw(strip.band, { values, height: 1, width: values.length }, look.scale, table);
      const { points, width } = trace(frame.input, channel, channels);
      strip.line.ownerSVGElement?.setAttribute("viewBox", `0 0 ${width} ${STRIP}`);
      strip.line.setAttribute("points", points);
    },
    item: (place) => place,
    along: timesOf,
    read(channel, frame, look, share) {
      const times = timesOf(frame);
      const time = cellAt(share, times);
      const name = subject.featureNames[channel] ?? `channel ${channel}`;
      const values = frame.input?.values;
      const input = values?.[cellAt(share, values.length / channels) * channels + channel];
      const lines = [
        `time ${time} of ${times}, ${name}`,
        ...(input === undefined ? [] : [`input ${numeral(input, 6)}`]),
      ];
      return cellReading(frame, cellOf(frame, channel, time), look, [], lines);
    },
  };
}

export const timeSeriesView: MakeView = (root, subject) => rowTile(root, strips(subject));
