/** The part of a picture that is seen: where it begins, in shares of the whole, and how often the whole is as wide. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export const WHOLE: Window = { x: 0, y: 0, zoom: 1 };

/** A cell of the finest grid that is stored by default fills a fifth of a tile then. */
const MOST = 32;

function held(x: number, y: number, zoom: number): Window {
  const last = 1 - 1 / zoom;
  return zoom === 1 ? WHOLE : { x: Math.min(last, Math.max(0, x)), y: Math.min(last, Math.max(0, y)), zoom };
}

function bounded(zoom: number): number {
  return Math.min(MOST, Math.max(1, zoom));
}

/** Enlarges by a factor around a place of the picture, which stays where it is seen. */
export function zoomed(window: Window, at: { readonly x: number; readonly y: number }, factor: number): Window {
  const zoom = bounded(window.zoom * factor);
  const keep = window.zoom / zoom;
  return held(at.x - (at.x - window.x) * keep, at.y - (at.y - window.y) * keep, zoom);
}

/** Moves the picture by shares of the window. */
export function panned({ x, y, zoom }: Window, right: number, down: number): Window {
  return held(x - right / zoom, y - down / zoom, zoom);
}

/** Two fingers on a picture. */
export interface Pinch {
  /** The place between them, in shares of the window. */
  readonly x: number;
  readonly y: number;
  /** How far they are from each other, in any unit. */
  readonly apart: number;
}

/** What lies between two fingers stays there, and grows as they part. */
export function pinched(window: Window, from: Pinch, to: Pinch): Window {
  const zoom = bounded((window.zoom * to.apart) / from.apart);
  return held(window.x + from.x / window.zoom - to.x / zoom, window.y + from.y / window.zoom - to.y / zoom, zoom);
}

/** Moves the window as little as it takes for a place of the picture to be seen. */
export function showing({ x, y, zoom }: Window, at: { readonly x: number; readonly y: number }): Window {
  const near = (from: number, place: number) => Math.min(place, Math.max(from, place - 1 / zoom));
  return held(near(x, at.x), near(y, at.y), zoom);
}

/** The middle of what is seen. */
export function middle({ x, y, zoom }: Window): { x: number; y: number } {
  return { x: x + 0.5 / zoom, y: y + 0.5 / zoom };
}
