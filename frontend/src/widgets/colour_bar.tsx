import { useEffect, useRef } from "preact/hooks";
import { type Diverging, END_WORDS } from "#src/math/colour";
import { unbend } from "#src/math/lookup";
import { unturned } from "#src/math/names";
import { percent } from "#src/math/numerals";
import { canvasRenderer } from "#src/render/tile_renderer";
import type { Column } from "#src/state/columns";
import { known } from "#src/state/loaded";
import type { Bar } from "#src/state/scale";
import { endOf } from "#src/state/selection";
import type { SeriesStats } from "#src/state/series_stats";
import type { Session } from "#src/state/session";
import { targetOf } from "#src/state/tags";
import { shownStep } from "#src/state/tile";
import { tableFor } from "#src/views/tables";
import { BarRange } from "#src/widgets/bar_range";
import { type Effect, effectOn, explained } from "#src/widgets/explained";
import { barNotes, clipWords, nothingWords, SCOPE_BADGES, tickWords } from "#src/widgets/scope";
import { useSelected } from "#src/widgets/selected";

const PIXELS = 511; // odd: the middle one is exactly zero
/** Of the scale: a step that is no stronger shows hardly any colour. */
const PALE = 0.05;
/** Places on the bar that have a number when colours do not follow values in a straight line. */
const HALVES = { signed: [-0.5, 0.5], unsigned: [0.5] } as const;

interface DrawnProps {
  readonly session: Session;
  readonly bar: Bar;
  readonly effect: Effect;
}

/** The bar itself, drawn by what draws the maps: its colours are evenly spread, its values as gamma has them. */
function Gradient({ session, bar, effect }: DrawnProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { diverging, sequential, clip } = useSelected(session, "diverging", "sequential", "clip");
  const { signed, vmax, gamma } = bar;
  const colours = signed ? diverging : sequential;
  useEffect(() => {
    const low = signed ? -1 : 0;
    const values = Float32Array.from(
      { length: PIXELS },
      (_, i) => vmax * unbend(low + ((1 - low) * i) / (PIXELS - 1), gamma),
    );
    const table = tableFor(colours, { signed, gamma }, false);
    canvas.current && canvasRenderer.draw(canvas.current, { values, height: 1, width: PIXELS }, bar, table);
  }, [colours, signed, vmax, gamma]);
  const words = barWords(bar, effect, END_WORDS[diverging], clip);
  return <canvas ref={canvas} class="gradient" role="img" aria-label={words} />;
}

/** The bar for those who do not see it. */
export function barWords(
  bar: Pick<Bar, "unit" | "vmax" | "signed" | "gamma">,
  { positive, negative }: Effect,
  end: (typeof END_WORDS)[Diverging],
  clip: number,
): string {
  const gamma = bar.gamma === 1 ? "" : `; half of the colours at ${tickWords(bar, unbend(0.5, bar.gamma), clip)}`;
  return bar.signed
    ? `colour scale from ${tickWords(bar, -1, clip)}, ${negative}, ${end.negative}, over 0, neutral, ` +
        `to ${tickWords(bar, 1, clip)}, ${positive}, ${end.positive}${gamma}`
    : `colour scale from 0 to ${tickWords(bar, 1, clip)}${gamma}`;
}

/** What values the colours half way have, where that is not half of the end. */
function Ticks({ bar, clip }: { bar: Bar; clip: number }) {
  if (bar.gamma === 1) {
    return null;
  }
  return (
    <span class="bar-ticks" aria-hidden="true">
      {HALVES[bar.signed ? "signed" : "unsigned"].map((place) => (
        <span key={place} style={{ left: `${bar.signed ? 50 + 50 * place : 100 * place}%` }}>
          {tickWords(bar, unbend(place, bar.gamma), clip)}
        </span>
      ))}
    </span>
  );
}

/** A bar between its ends. @param high words on the right end. */
export function BarLine({ session, bar, effect, high = effect.positive }: DrawnProps & { high?: string }) {
  const { clip } = session.asked.value;
  return (
    <span class="bar-line">
      <span class="bar-end low">
        {bar.signed ? <em>{effect.negative}</em> : null} {bar.signed ? `≤ ${tickWords(bar, -1, clip)}` : "0"}
      </span>
      <span class="bar-box">
        <Gradient session={session} bar={bar} effect={effect} />
        {bar.signed ? <span class="bar-zero">0</span> : null}
        <Ticks bar={bar} clip={clip} />
      </span>
      <span class="bar-end">
        <span class="vmax">{`≥ ${tickWords(bar, 1, clip)}`}</span> <em>{high}</em>
      </span>
    </span>
  );
}

/** What the step on screen makes of the scale, in words; of several runs, the strongest. */
function stepWords(session: Session, all: readonly Column[], bar: Bar): string {
  const columns = all.filter((column) => column.step === undefined);
  const { clip } = session.asked.value;
  const strongest = (read: (stats: SeriesStats, step: number) => number) =>
    Math.max(
      ...columns
        .map((column) => {
          const shown = shownStep(column, session.shown.step.value);
          const stats = known(session.statsOf(column));
          return shown === undefined || stats === undefined ? Number.NaN : read(stats, shown.step);
        })
        .filter(Number.isFinite),
    );
  const strength = strongest((stats, step) => stats.quantileAt(step, clip)) / bar.vmax;
  const clipped = strongest((stats, step) => stats.clippedAt(step, bar.vmax));
  if (!Number.isFinite(strength)) {
    return "";
  }
  const pale = strength < PALE ? " (S shows shares of each map)" : "";
  return `; this step’s ${clipWords(clip)} is ${percent(strength)} of the scale${pale}, ${percent(clipped)} clipped`;
}

/** The scale of one method and target: one for all runs shown, of the scope that was chosen. */
export function ColourBar({ session, tag }: { session: Session; tag: string }) {
  const columns = session.shown.columns.value.filter((column) => column.tag === tag && column.series !== undefined);
  const maps = columns[0]?.series?.maps;
  const bar = session.scales.bar(tag);
  if (maps === undefined) {
    return null;
  }
  const target = targetOf(tag) || maps.target;
  const head = (
    <span class="bar-head">
      <strong>{unturned(maps.method || tag)}</strong> <span class="quiet">{explained(maps.scalar, target)}</span>
    </span>
  );
  if (bar === undefined) {
    return <div class="colour-bar loading">{head} loading the colour scale</div>;
  }
  const { clip, scope } = session.asked.value;
  if (!bar.known) {
    return (
      <div class="colour-bar">
        {head} {nothingWords(scope)}
      </div>
    );
  }
  const effect = effectOn(maps.scalar);
  const pending = session.scales.pending(tag);
  const relu = maps.cam && maps.signed && session.asked.value.relu;
  // A scale that nobody set by hand is still that of the series.
  const made = scope === "manual" && endOf(session.asked.value, tag) === undefined ? "series" : scope;
  const badge = SCOPE_BADGES[made];
  return (
    <div class="colour-bar" data-tag={tag}>
      {head}
      <BarLine session={session} bar={bar} effect={effect} high={maps.signed ? effect.positive : "strength"} />
      {bar.unit === "score" ? <BarRange session={session} tag={tag} bar={bar} /> : null}
      {badge === undefined ? null : <span class="badge">{badge}</span>}
      <span class="quiet bar-notes">
        {barNotes(bar, made, clip)}
        {bar.gamma === 1 ? "" : `; gamma ${bar.gamma}`}
        {relu ? "; negative drawn as 0" : ""}
        {made === "series" || made === "manual" ? stepWords(session, columns, bar) : ""}
      </span>
      {pending === undefined ? null : (
        <button type="button" class="choice" onClick={() => session.scales.rescale(tag)}>
          {`Rescale to ${tickWords({ ...bar, vmax: pending }, 1, clip)}`}
        </button>
      )}
    </div>
  );
}
