import { DIVERGING, SEQUENTIAL } from "#src/math/colour";
import { CLIPS, type Selection, TILES } from "#src/state/selection";

// The host's pages share this storage.
const KEY = "tb-attribution.display";
const KEPT = ["relu", "cells", "overlay", "opacity", "diverging", "sequential", "clip", "tile"] as const;

/** How the page looked when it was last open on this machine. */
export function loadPreferences(storage: Pick<Storage, "getItem">): Partial<Selection> {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? "{}") as Record<string, unknown>;
    const known = (name: keyof Selection, allowed: readonly unknown[]) =>
      allowed.includes(kept[name]) ? { [name]: kept[name] } : {};
    return {
      ...known("relu", [true, false]),
      ...known("cells", [true, false]),
      ...known("overlay", [true, false]),
      ...known("diverging", DIVERGING),
      ...known("sequential", SEQUENTIAL),
      ...known("clip", CLIPS),
      ...known("tile", TILES),
      ...(typeof kept.opacity === "number" && kept.opacity >= 0 && kept.opacity <= 1 ? { opacity: kept.opacity } : {}),
    };
  } catch {
    return {}; // storage is blocked, or holds what another version wrote
  }
}

export function savePreferences(storage: Pick<Storage, "setItem">, selection: Selection): void {
  try {
    storage.setItem(KEY, JSON.stringify(Object.fromEntries(KEPT.map((name) => [name, selection[name]]))));
  } catch {
    // Blocked or full: the page works without.
  }
}
