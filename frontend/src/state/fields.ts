import { DIVERGING, SEQUENTIAL } from "#src/math/colour";
import { ACROSS, CLIPS, GAMMAS, SCOPES, type Selection, TILES } from "#src/state/selection";

/** How one part of a selection is written in a link, and on this machine. */
export interface Field<T> {
  /** Its name in a link. */
  readonly key: string;
  /** This machine remembers it too. */
  readonly kept: boolean;
  /** What a value must be, in words. */
  readonly rule: string;
  /** Undefined where the text breaks the rule. */
  read(text: string): T | undefined;
  /** Null where there is nothing to say. */
  write(value: T): string | null;
}

const LINK = { kept: false };
const KEPT = { kept: true };

/** Names as one value; a name may hold commas. */
function names(): Pick<Field<readonly string[] | null>, "rule" | "read" | "write"> {
  return {
    rule: "names stand between commas, with %2C for a comma in a name",
    read(text) {
      try {
        return text.split(",").filter(Boolean).map(decodeURIComponent);
      } catch {
        return undefined;
      }
    },
    write: (value) => (value === null ? null : value.map(encodeURIComponent).join(",")),
  };
}

function oneOf<T extends string | number | boolean>(all: readonly T[]): Pick<Field<T>, "rule" | "read" | "write"> {
  return {
    rule: `one of ${all.join(", ")}`,
    read: (text) => all.find((one) => String(one) === text),
    write: String,
  };
}

function numberOf(text: string): number | undefined {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? undefined : value;
}

/** Ends of scales as "tag:end" between commas; a tag may hold both. */
function ends(): Pick<Field<Readonly<Record<string, number>>>, "rule" | "read" | "write"> {
  return {
    rule: "ends stand as tag:end between commas, with %2C and %3A in a tag, and an end is above 0",
    read(text) {
      try {
        const pairs = text.split(",").map((pair) => {
          const [tag = "", end = "", ...rest] = pair.split(":");
          const value = numberOf(end);
          return rest.length === 0 && value !== undefined && value > 0
            ? [[decodeURIComponent(tag), value] as const]
            : [];
        });
        return pairs.some((pair) => pair.length === 0) ? undefined : Object.fromEntries(pairs.flat());
      } catch {
        return undefined;
      }
    },
    write(value) {
      const pairs = Object.entries(value).map(([tag, end]) => `${encodeURIComponent(tag)}:${end}`);
      return pairs.length === 0 ? null : pairs.sort().join(",");
    },
  };
}

/** Every part of a selection has an entry, so that none is left out of links by mistake. */
export const FIELDS: { readonly [Name in keyof Selection]: Field<Selection[Name]> } = {
  runs: { key: "runs", ...LINK, ...names() },
  methods: { key: "method", ...LINK, ...names() },
  target: { key: "target", ...LINK, rule: "a target's name", read: (text) => text, write: (value) => value },
  across: { key: "across", ...LINK, ...oneOf(ACROSS) },
  step: {
    key: "step",
    ...LINK,
    rule: "a step is a number",
    read: numberOf,
    write: (value) => (value === null ? null : String(value)),
  },
  input: {
    key: "input",
    ...LINK,
    rule: "an input is a number from 0 on",
    read: (text) => (/^\d{1,6}$/.test(text) ? Number(text) : undefined),
    write: String,
  },
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
