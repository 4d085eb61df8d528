import { DIVERGING, SEQUENTIAL } from "#src/math/colour";
import { type Codec, ends, maybe, names, numberOf, oneOf, pins, range, sides } from "#src/state/codecs";
import { OUTCOMES, SORTS } from "#src/state/find";
import { ACROSS, CLIPS, GAMMAS, SCOPES, type Selection, TILES } from "#src/state/selection";

/** How one part of a selection is written in a link, and on this machine. */
export interface Field<T> extends Codec<T> {
  /** Its name in a link. */
  readonly key: string;
  /** This machine remembers it too. */
  readonly kept: boolean;
}

const LINK = { kept: false };
const KEPT = { kept: true };

/** Every part of a selection has an entry, so that none is left out of links by mistake. */
export const FIELDS: { readonly [Name in keyof Selection]: Field<Selection[Name]> } = {
  runs: { key: "runs", ...LINK, ...names() },
  methods: { key: "method", ...LINK, ...names() },
  target: { key: "target", ...LINK, rule: "a target's name", read: (text) => text, write: (value) => value },
  across: { key: "across", ...LINK, ...oneOf(ACROSS) },
  difference: { key: "difference", ...LINK, ...sides() },
  step: { key: "step", ...LINK, ...maybe("a step is a number") },
  curves: { key: "curves", ...KEPT, ...oneOf([true, false]) },
  curve: { key: "curve", ...LINK, rule: "a curve's name", read: (text) => text, write: (value) => value },
  outcome: { key: "outcome", ...LINK, ...oneOf(OUTCOMES) },
  label: { key: "label", ...LINK, ...maybe("a class is a number from 0 on", /^\d{1,9}$/) },
  prediction: { key: "predicted", ...LINK, ...maybe("a class is a number from 0 on", /^\d{1,9}$/) },
  probability: { key: "p", ...LINK, ...range() },
  residual: { key: "residual", ...LINK, ...range() },
  text: { key: "find", ...LINK, rule: "words to look for", read: (text) => text, write: (value) => value },
  sort: { key: "sort", ...LINK, ...oneOf(SORTS) },
  rowsStep: { key: "found_at", ...LINK, ...maybe("a step is a number") },
  pins: { key: "pins", ...LINK, ...pins() },
  input: { key: "input", ...LINK, ...maybe("an input is a number from 0 on", /^\d{1,6}$/) },
  relu: { key: "relu", ...KEPT, ...oneOf([true, false]) },
  cells: { key: "cells", ...KEPT, ...oneOf([true, false]) },
  overlay: { key: "overlay", ...KEPT, ...oneOf([true, false]) },
  opacity: {
    key: "opacity",
    ...KEPT,
    rule: "an opacity lies between 0 and 1",
    read(text) {
      const value = numberOf(text);
      return value !== undefined && value >= 0 && value <= 1 ? value : undefined;
    },
    write: String,
  },
  diverging: { key: "diverging", ...KEPT, ...oneOf(DIVERGING) },
  sequential: { key: "sequential", ...KEPT, ...oneOf(SEQUENTIAL) },
  scope: { key: "scope", ...LINK, ...oneOf(SCOPES) },
  ends: { key: "ends", ...LINK, ...ends() },
  gamma: { key: "gamma", ...KEPT, ...oneOf(GAMMAS) },
  clip: { key: "clip", ...KEPT, ...oneOf(CLIPS) },
  tile: { key: "tile", ...KEPT, ...oneOf(TILES) },
};

export const FIELD_NAMES = Object.keys(FIELDS) as (keyof Selection)[];

/** A field's value as text; null where there is nothing to say. */
export function textOf<Name extends keyof Selection>(name: Name, selection: Selection): string | null {
  return FIELDS[name].write(selection[name]);
}

/** A selection's part with the value that a text stands for; undefined where it breaks the field's rule. */
export function readField(name: keyof Selection, text: string): Partial<Selection> | undefined {
  const value = FIELDS[name].read(text);
  return value === undefined ? undefined : { [name]: value };
}
