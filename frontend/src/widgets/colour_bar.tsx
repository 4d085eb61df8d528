import { useEffect, useRef } from "preact/hooks";
import { type Diverging, END_WORDS } from "#src/math/colour";
import { numeral, percent } from "#src/math/numerals";
import { canvasRenderer } from "#src/render/tile_renderer";
import { type Column, targetOf } from "#src/state/columns";
import { known } from "#src/state/loaded";
import type { SeriesScale } from "#src/state/scale";
import type { SeriesStats } from "#src/state/series_stats";
import type { Session } from "#src/state/session";
import { shownStep } from "#src/state/tile";
import { tableFor } from "#src/views/tables";
import { clipWords } from "#src/widgets/display_options";
import { type Effect, effectOn, explained } from "#src/widgets/explained";

const PIXELS = 511; // odd: the middle one is exactly zero

/** The bar itself, drawn by what draws the maps. */
function Gradient({ session, scale, effect }: { session: Session; scale: SeriesScale; effect: Effect }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { diverging, sequential } = session.selection.value;
  const colours = scale.signed ? diverging : sequential;
  useEffect(() => {
    const low = scale.signed ? -scale.vmax : 0;
    const values = Float32Array.from({ length: PIXELS }, (_, i) => low + ((scale.vmax - low) * i) / (PIXELS - 1));
    const table = tableFor(colours, scale.signed, false);
    canvas.current && canvasRenderer.draw(canvas.current, { values, height: 1, width: PIXELS }, scale, table);
  }, [colours, scale.signed, scale.vmax]);
  return <canvas ref={canvas} class="gradient" role="img" aria-label={barWords(scale, effect, END_WORDS[diverging])} />;
}

/** The bar for those who do not see it. */
export function barWords(
  { signed, vmax }: SeriesScale,
  { positive, negative }: Effect,
  end: (typeof END_WORDS)[Diverging],
): string {
  return signed
    ? `colour scale from ${numeral(-vmax)}, ${negative}, ${end.negative}, over 0, neutral, ` +
        `to ${numeral(vmax)}, ${positive}, ${end.positive}`
    : `colour scale from 0 to ${numeral(vmax)}`;
}

/** What the step on screen makes of the scale, in words; of several runs, the strongest. */
function stepWords(session: Session, all: readonly Column[], scale: SeriesScale): string {
  const columns = all.filter((column) => column.step === undefined);
  const { clip } = session.selection.value;
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
  const strength = strongest((stats, step) => stats.quantileAt(step, clip)) / scale.vmax;
  const clipped = strongest((stats, step) => stats.clippedAt(step, scale.vmax));
  return Number.isFinite(strength)
    ? `; this step’s ${clipWords(clip)} is ${percent(strength)} of the scale, ${percent(clipped)} clipped`
    : "";
}

/** The scale of one method and target: one for all steps and all runs shown. */
export function ColourBar({ session, tag }: { session: Session; tag: string }) {
  const columns = session.shown.columns.value.filter((column) => column.tag === tag && column.series !== undefined);
  const maps = columns[0]?.series?.maps;
  const scale = session.scales.of(tag);
  if (maps === undefined) {
    return null;
  }
  const target = targetOf(tag) || maps.target;
  const head = (
    <span class="bar-head">
      <strong>{maps.method || tag}</strong> <span class="quiet">{explained(maps.scalar, target)}</span>
    </span>
  );
  if (scale === undefined) {
    return <div class="colour-bar">{head} loading the colour scale</div>;
  }
  if (!scale.known) {
    return (
      <div class="colour-bar">{head} every logged score is zero, or no distribution was logged: nothing to scale</div>
    );
  }
  const effect = effectOn(maps.scalar);
  const pending = session.scales.pending(tag);
  const clip = session.selection.value.clip;
  const relu = maps.cam && maps.signed && session.selection.value.relu;
  return (
    <div class="colour-bar" data-tag={tag}>
      {head}
      <span class="bar-line">
        <span class="bar-end low">
          {scale.signed ? <em>{effect.negative}</em> : null} {scale.signed ? `≤ ${numeral(-scale.vmax)}` : "0"}
        </span>
        <span class="bar-box">
          <Gradient session={session} scale={scale} effect={effect} />
          {scale.signed ? <span class="bar-zero">0</span> : null}
        </span>
        <span class="bar-end">
          <span class="vmax">{`≥ ${scale.signed ? "+" : ""}${numeral(scale.vmax)}`}</span>{" "}
          <em>{maps.signed ? effect.positive : "strength"}</em>
        </span>
      </span>
      <span class="quiet bar-notes">
        {`${clipWords(clip)} of |score|, all steps, ${percent(scale.clipped)} clipped`}
        {relu ? "; negative drawn as 0" : ""}
        {stepWords(session, columns, scale)}
      </span>
      {pending === undefined ? null : (
        <button type="button" class="choice" onClick={() => session.scales.rescale(tag)}>
          {`Rescale to ${numeral(pending)}`}
        </button>
      )}
    </div>
  );
}
