import type { InputValues } from "#src/data/probe";
import type { ColourMap } from "#src/math/colour";
import type { Scale } from "#src/math/lookup";
import type { Spot } from "#src/math/spot";
import type { Window } from "#src/math/window";

/** What is explained: one example of the probe. */
export interface Subject {
  /** Address of the picture; undefined where inputs are not stored or are no pictures. */
  readonly picture: string | undefined;
  /** The input's own shape, without the batch axis. */
  readonly inputShape: readonly number[];
  readonly tokens: readonly string[];
  readonly featureNames: readonly string[];
  /** What a row of a table without names is. */
  readonly row?: "feature" | "unit";
}

/** Errors of a map's values, in words what they are. */
export interface ValueErrors {
  readonly values: Float32Array; // [prod(shape)], >= 0
  readonly words: string;
}

/** Groups of cells that have one value together. */
export interface Groups {
  readonly ids: Int32Array; // [prod(shape)]; below 0 in none: such a cell always stays as it is
  readonly values: Float32Array; // of the groups that there are, in the order of their ids
}

/** How values are said that are no scores. */
export interface Wording {
  readonly write: (value: number) => string;
  readonly read: (cell: number, look: Look) => Reading;
}

/** One map to draw. */
export interface Frame {
  readonly values: Float32Array; // [prod(shape)], as stored; of a segment, in each of its cells
  readonly shape: readonly number[];
  /** The method's own shape, of which a stored cell may be a block. */
  readonly methodShape: readonly number[];
  /** Block means of a larger map that is on its way. */
  readonly thumbnail: boolean;
  /** How far a value may be from what was computed, because of how it is stored; 0: not at all. */
  bound(index: number): number;
  /** Undefined where the method has none. */
  readonly errors: ValueErrors | undefined;
  /** Undefined where each cell has a value of its own. */
  readonly groups: Groups | undefined;
  readonly input: InputValues | undefined;
  /** Undefined: values are scores. */
  readonly wording?: Wording;
}

/** How it is drawn. */
export interface Look {
  readonly scale: Scale;
  /** Sum of |scores| of the map, where colours are shares of it. */
  readonly sum: number | undefined;
  readonly colours: ColourMap;
  /** Negative values are drawn as zero. */
  readonly relu: boolean;
  readonly cells: boolean;
  readonly overlay: boolean;
  /** The input is seen alone. */
  readonly peek: boolean;
  readonly tile: number;
  /** The part of a picture that is seen. */
  readonly window: Window;
  readonly dark: boolean;
  /** Order of rows over the whole probe, most important first; undefined until known. */
  readonly order: readonly number[] | undefined;
}

/** A place in the window of the browser, CSS pixels. */
export interface Place {
  readonly clientX: number;
  readonly clientY: number;
}

/** Shows lines near a place, most often the pointer's; no lines hide them. */
export type Tip = (at: Place, lines: readonly string[]) => void;

/** What there is to read at a spot. */
export interface Reading {
  /** The value alone. */
  readonly value: string;
  readonly lines: readonly string[];
}

/** Draws one tile into an element it was given. It reads nothing but what `update` brings. */
export interface View {
  /** Takes the room that a map of a shape will take, before there is one. */
  reserve(shape: readonly number[], look: Look): void;
  update(frame: Frame, look: Look): void;
  /** The spot under the pointer. */
  spotAt(event: PointerEvent): Spot | undefined;
  /** The spot of the cell that lies so many cells away; without a spot to start from, that of a first one. */
  readonly step: (from: Spot | undefined, right: number, down: number) => Spot | undefined;
  placeOf(spot: Spot): Place | undefined;
  /** Marks a spot, and no other. */
  mark(spot: Spot | undefined): void;
  /** Undefined where the map has nothing there. */
  read(spot: Spot): Reading | undefined;
  /** Leaves the element as it was given: the next view is drawn into the same one. */
  dispose(): void;
}

export type MakeView = (root: HTMLElement, subject: Subject) => View;
