import type { InputValues } from "#src/data/probe";
import type { ColourMap } from "#src/math/colour";
import type { Scale } from "#src/math/lookup";

/** What is explained: one example of the probe. */
export interface Subject {
  /** Address of the picture; undefined where inputs are not stored or are no pictures. */
  readonly picture: string | undefined;
  /** The input's own shape, without the batch axis. */
  readonly inputShape: readonly number[];
  readonly tokens: readonly string[];
  readonly featureNames: readonly string[];
}

/** One map to draw. */
export interface Frame {
  readonly values: Float32Array; // [prod(shape)], as stored
  readonly shape: readonly number[];
  /** Block means of a larger map that is on its way. */
  readonly thumbnail: boolean;
  readonly input: InputValues | undefined;
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
  readonly opacity: number;
  readonly tile: number;
  readonly dark: boolean;
  /** Order of rows over the whole probe, most important first; undefined until known. */
  readonly order: readonly number[] | undefined;
}

/** A place in the window, CSS pixels. */
export interface Place {
  readonly clientX: number;
  readonly clientY: number;
}

/** Shows lines near a place, most often the pointer's; no lines hide them. */
export type Tip = (at: Place, lines: readonly string[]) => void;

/** Draws one tile into an element it was given. It reads nothing but what `update` brings. */
export interface View {
  update(frame: Frame, look: Look): void;
  dispose(): void;
}

export type MakeView = (root: HTMLElement, subject: Subject, tip: Tip) => View;
