import type { LogHistogram } from "#src/math/histogram";
import { numeral, percent } from "#src/math/numerals";
import type { Bar } from "#src/state/scale";
import { DEFAULTS, setEnd } from "#src/state/selection";
import type { Session } from "#src/state/session";

/** Room beyond the largest score, and what the axis has at least; octaves. */
const ROOM = 1;
const LEAST = 4;
/** Scores below this share of all that are not zero lie left of the axis. */
const LEFT_OUT = 0.01;
const HEIGHT = 16;
/** Octaves that an arrow key moves the end by. */
const STEP = 0.05;

/** Bins that are drawn, and the axis they lie on, log2 |score|. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  /** One bar per bin: its left edge in log2, and its height, 0..1 of the highest. */
  readonly bars: readonly { readonly at: number; readonly height: number }[];
}

/** A log axis that holds the histogram and the end of the scale. */
export function axisOf(histogram: LogHistogram | undefined, vmax: number): Axis {
  const end = Math.log2(vmax);
  const { bins, lowExponent = 0, perOctave = 1 } = histogram ?? {};
  const total = bins?.reduce((sum, count) => sum + count, 0) ?? 0;
  if (bins === undefined || total === 0) {
    return { low: end - LEAST, high: end + LEAST, bars: [] };
  }
  const at = (bin: number) => lowExponent + bin / perOctave;
  let below = 0;
  const first = bins.findIndex((count) => {
    below += count;
    return below > LEFT_OUT * total;
  });
  const last = bins.findLastIndex((count) => count > 0);
  const most = Math.max(...bins);
  const bars = Array.from(bins.subarray(first, last + 1), (count, i) => ({ at: at(first + i), height: count / most }));
  const high = Math.max(at(last + 1) + ROOM, end);
  return { low: Math.min(at(first), end, high - LEAST), high, bars };
}

function Histogram({ axis, width, vmax }: { axis: Axis; width: number; vmax: number }) {
  const path = (bars: Axis["bars"]) =>
    bars
      .map(({ at, height }) => `M${at - axis.low} ${HEIGHT}v${-height * HEIGHT}h${width}v${height * HEIGHT}z`)
      .join("");
  const end = Math.log2(vmax);
  return (
    <svg viewBox={`0 0 ${axis.high - axis.low} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path class="inside" d={path(axis.bars.filter(({ at }) => at < end))} />
      <path class="clipped" d={path(axis.bars.filter(({ at }) => at >= end))} />
    </svg>
  );
}

/**
 * Where the scale ends, among the scores there are: dragged, moved by keys, or typed.
 *
 * @param of what the scale is of, where that is not what its end is kept by.
 */
export function BarRange({ session, tag, bar, of = tag }: { session: Session; tag: string; bar: Bar; of?: string }) {
  const { vmax, histogram } = bar;
  const axis = axisOf(histogram, vmax);
  const set = (end: number) => session.update((selection) => setEnd(selection, tag, end));
  const typed = (event: Event & { currentTarget: HTMLInputElement }) => {
    const end = event.currentTarget.valueAsNumber;
    if (end > 0 && Number.isFinite(end)) {
      set(end);
    } else {
      session.update((selection) => ({ ...selection, scope: DEFAULTS.scope }));
    }
    event.currentTarget.value = String(Number(vmax.toPrecision(4)));
  };
  return (
    <span class="bar-range">
      <span class="range-box">
        <Histogram axis={axis} width={1 / (histogram?.perOctave ?? 1)} vmax={vmax} />
        <input
          type="range"
          aria-label={`End of the colour scale of ${of}`}
          aria-valuetext={`${numeral(vmax)}, ${percent(bar.clipped)} clipped`}
          title="Drag the end of the scale; the histogram is of log |score|"
          min={axis.low}
          max={axis.high}
          step={STEP}
          value={Math.log2(vmax)}
          onInput={(event) => set(2 ** event.currentTarget.valueAsNumber)}
        />
      </span>
      <input
        type="number"
        class="range-entry"
        aria-label={`End of the colour scale of ${of}, as a number`}
        min={0}
        step={Number((vmax / 20).toPrecision(2))}
        value={Number(vmax.toPrecision(4))}
        onChange={typed}
      />
    </span>
  );
}
