import { effect, type ReadonlySignal } from "@preact/signals";
import { Paced } from "#src/data/paced";
import { FIELD_NAMES, FIELDS, readField, textOf } from "#src/state/fields";
import { DEFAULTS, type Selection } from "#src/state/selection";

// The host's pages share this storage.
const KEY = "tb-attribution.display";
const KEPT = FIELD_NAMES.filter((name) => FIELDS[name].kept);

const PAUSE = 200; // ms

/** Reading the property itself fails where a browser blocks storage. */
type Place = () => Pick<Storage, "getItem" | "setItem">;

function readAll(place: Place): Record<string, unknown> {
  try {
    const kept: unknown = JSON.parse(place().getItem(KEY) ?? "{}");
    return typeof kept === "object" && kept !== null ? (kept as Record<string, unknown>) : {};
  } catch {
    return {}; // blocked, or not ours
  }
}

/** How the page looked when it was last open on this machine, and a sentence for each value that cannot be meant. */
export function loadPreferences(place: Place): { kept: Partial<Selection>; complaints: string[] } {
  const values = readAll(place);
  let kept: Partial<Selection> = {};
  const complaints: string[] = [];
  for (const name of KEPT.filter((name) => Object.hasOwn(values, name))) {
    const part = readField(name, String(values[name]));
    if (part === undefined) {
      const { key, rule } = FIELDS[name];
      complaints.push(`The ${key}=${values[name]} that this browser remembered was ignored: ${rule}.`);
    }
    kept = { ...kept, ...part };
  }
  return { kept, complaints };
}

/**
 * Remembers what a person changes from now on. What a link asked for is somebody else's taste: it is not remembered.
 * Returns what writes at once, before the page goes: a drag changes a value at every frame, and writing takes ms.
 */
export function keepPreferences(place: Place, selection: ReadonlySignal<Selection>): () => void {
  const { kept } = loadPreferences(place);
  const own = Object.fromEntries(
    KEPT.filter((name) => name in kept).map((name) => [name, textOf(name, { ...DEFAULTS, ...kept })]),
  );
  const written = new Paced<string>((text) => {
    try {
      place().setItem(KEY, text);
    } catch {
      // Blocked or full: the page works without.
    }
  }, PAUSE);
  written.tell(JSON.stringify(own));
  let last = selection.peek();
  effect(() => {
    const now = selection.value;
    const changed = KEPT.filter((name) => now[name] !== last[name]);
    last = now;
    for (const name of changed) {
      own[name] = textOf(name, now);
    }
    if (changed.length > 0) {
      written.tell(JSON.stringify(own));
    }
  });
  return () => written.flush();
}
