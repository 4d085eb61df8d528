import { numeral, percent, signed } from "#src/math/numerals";
import { type Bar, levelOf } from "#src/state/scale";
import type { Scope } from "#src/state/selection";
import { StatColumn } from "#src/state/series_stats";

/** What the ends of colour scales are taken from, as a choice. */
export const SCOPE_NAMES: Readonly<Record<Scope, string>> = {
  series: "all steps",
  visible: "rows on screen",
  step: "this step",
  image: "each map alone",
  share: "share of each map",
  manual: "set by hand",
};

/** What colours of a scope must not be taken for; shown as long as it is on. */
export const SCOPE_BADGES: Readonly<Partial<Record<Scope, string>>> = {
  visible: "colours change with what is on screen",
  step: "colours change with the step",
  image: "colours not comparable",
  share: "scale-free",
};

/** The share of |score| that a bar reaches, as a percentile. */
export function clipWords(clip: number): string {
  return clip === 1 ? "largest" : `P${Number((clip * 100).toFixed(1))}`;
}

/** The logged level of single maps that stands for a percentile. */
export function levelWords(clip: number): string {
  return levelOf(clip).column === StatColumn.STAT_P99 ? "P99" : "largest |score|";
}

/** A number on the bar. @param t share of the end, -1..1. */
export function tickWords(bar: Pick<Bar, "unit" | "vmax" | "signed">, t: number, clip: number): string {
  if (t === 0) {
    return "0";
  }
  const value = bar.vmax * t;
  switch (bar.unit) {
    case "score":
      return bar.signed ? signed(value) : numeral(value);
    case "share":
      // A map of many cells gives each a small share: digits, not whole per cents.
      return `${bar.signed ? signed(100 * value) : numeral(100 * value)}%`;
    case "own": {
      const part = Math.abs(t) === 1 ? "" : `${numeral(Math.abs(t), 2)} × `;
      return `${bar.signed ? (t > 0 ? "+" : "−") : ""}${part}${levelWords(clip)}`;
    }
  }
}

/** What a bar's ends are, and what lies beyond them. */
export function barNotes(bar: Bar, scope: Scope, clip: number): string {
  const clipped = `${bar.atMost ? "at most " : ""}${percent(bar.clipped)} clipped`;
  switch (scope) {
    case "series":
      return `${clipWords(clip)} of |score|, all steps, ${clipped}`;
    case "visible":
      return `the ${levelWords(clip)} of the strongest map on or next to the screen; of each map, ${clipped}`;
    case "step":
      return bar.unit === "own"
        ? `each step ends at its own ${clipWords(clip)} of |score|`
        : `${clipWords(clip)} of |score| at this step, ${clipped}`;
    case "image":
      return `each map ends at its own ${levelWords(clip)}; of each map, ${clipped}`;
    case "share":
      return (
        `score / sum of |scores| of its map, all steps, ${clipWords(clip)} of the maps’ ${levelWords(clip)}; ` +
        `${percent(bar.clipped)} of the maps reach beyond`
      );
    case "manual":
      return `set by hand, ${clipped}`;
  }
}

/** Why a scope has no bar. */
export function nothingWords(scope: Scope): string {
  const pooled: Readonly<Record<Scope, string>> = {
    series: "every logged score is zero, or no distribution was logged",
    manual: "every logged score is zero, or no distribution was logged",
    visible: "no map on screen has a score other than zero, or their percentiles were not logged",
    step: "every score at this step is zero, or no distribution was logged",
    image: "the maps’ numbers could not be read",
    share: "every score is zero, or the maps’ sums of |scores| were not logged",
  };
  return `${pooled[scope]}: nothing to scale`;
}
