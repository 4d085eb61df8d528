import UPlot from "uplot";
import css from "uplot/dist/uPlot.min.css?inline";
import { adopt } from "#src/render/style_sheet";
import type { Curve } from "#src/state/curves";

const HEIGHT = 140; // CSS pixels, as in curves.css
const TICK = 4;

/** What a chart shows. */
export interface Plot {
  readonly curves: readonly Curve[];
  readonly colours: ReadonlyMap<string, string>;
  /** Steps that the slider stops at. */
  readonly steps: readonly number[];
}

function style(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}

/** From the first to the last step of anything there is. */
export function stepRange({ curves, steps }: Pick<Plot, "curves" | "steps">): [number, number] {
  const ends = [...curves.map((curve) => curve.steps), steps].flatMap((all) => [all[0] ?? [], all.at(-1) ?? []].flat());
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return low < high ? [low, high] : [low - 1, low + 1];
}

/** One table for all curves: a step that a curve does not have is skipped, a value that is not finite is a gap. */
export function joined(curves: readonly Curve[]): UPlot.AlignedData {
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return UPlot.join(curves.map(({ steps, values }) => [[...steps], values.map(finite)]));
}

let styled = false;

/** Curves over the optimizer's step; its cursor is the step on screen, and a click or a drag picks one. */
export class CurveChart {
  #chart: UPlot | undefined;
  #plot: Plot = { curves: [], colours: new Map(), steps: [] };
  readonly #cursor = document.createElement("div");
  #step = Number.NaN;
  readonly #observer: ResizeObserver;

  constructor(
    private readonly host: HTMLElement,
    private readonly pick: (step: number) => void,
  ) {
    if (!styled) {
      adopt(css);
      styled = true;
    }
    this.#cursor.className = "curve-cursor";
    this.#observer = new ResizeObserver(() => {
      this.#chart?.setSize({ width: this.host.clientWidth, height: HEIGHT });
    });
    this.#observer.observe(host);
  }

  update(plot: Plot): void {
    this.#chart?.destroy();
    this.#plot = plot;
    const data = plot.curves.length === 0 ? ([[0]] as UPlot.AlignedData) : joined(plot.curves);
    this.#chart = new UPlot(this.#options(), data, this.host);
    this.#listen(this.#chart.over);
    this.#chart.over.append(this.#cursor);
  }

  /** Moves the cursor. */
  show(step: number): void {
    this.#step = step;
    if (this.#chart !== undefined) {
      this.#place(this.#chart);
    }
  }

  dispose(): void {
    this.#observer.disconnect();
    this.#chart?.destroy();
  }

  #place(chart: UPlot): void {
    const x = chart.valToPos(this.#step, "x");
    this.#cursor.hidden = Number.isNaN(x);
    this.#cursor.style.transform = `translateX(${x}px)`;
  }

  #options(): UPlot.Options {
    const [quiet, line, font] = [style("--quiet"), style("--line"), "11px system-ui, sans-serif"];
    const axis = { stroke: quiet, font, ticks: { stroke: line, size: TICK }, grid: { stroke: line, width: 1 } };
    return {
      width: this.host.clientWidth,
      height: HEIGHT,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: () => stepRange(this.#plot) } },
      axes: [
        { ...axis, size: 22 },
        { ...axis, size: 56 },
      ],
      series: [
        {},
        ...this.#plot.curves.map(({ run, dashed }) => {
          const stroke = this.#plot.colours.get(run.run) ?? "grey";
          return { stroke, width: 1.5, dash: dashed ? [5, 4] : [], points: { size: 4, fill: stroke } };
        }),
      ],
      // A chart takes a new size some time after it was told.
      hooks: { draw: [(chart) => this.#mark(chart, quiet), (chart) => this.#place(chart)] },
    };
  }

  /** A mark at each step that the slider stops at. */
  #mark({ ctx, bbox, valToPos }: UPlot, colour: string): void {
    ctx.fillStyle = colour;
    const bottom = bbox.top + bbox.height;
    for (const step of this.#plot.steps) {
      ctx.fillRect(Math.round(valToPos(step, "x", true)), bottom - TICK * devicePixelRatio, 1, TICK * devicePixelRatio);
    }
  }

  #listen(over: HTMLElement): void {
    const go = (event: PointerEvent) => {
      const x = event.clientX - over.getBoundingClientRect().left;
      this.pick(this.#chart?.posToVal(x, "x") ?? Number.NaN);
    };
    over.addEventListener("pointerdown", (event) => {
      if (event.button === 0) {
        over.setPointerCapture(event.pointerId);
        go(event);
      }
    });
    over.addEventListener("pointermove", (event) => {
      if (over.hasPointerCapture(event.pointerId)) {
        go(event);
      }
    });
  }
}
