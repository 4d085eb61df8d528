import { FIELD_NAMES, FIELDS, readField, textOf } from "#src/state/fields";
import { DEFAULTS, type Selection } from "#src/state/selection";

const BY_KEY = new Map(FIELD_NAMES.map((name) => [FIELDS[name].key, name]));

/**
 * What is not default, as values of a link.
 *
 * @param remembered what this machine opens a bare address with: where that is not shown, the link must say so too.
 */
export function toLink(selection: Selection, remembered: Selection = DEFAULTS): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of FIELD_NAMES) {
    const text = textOf(name, selection);
    if (text !== null && (text !== textOf(name, DEFAULTS) || text !== textOf(name, remembered))) {
      values[FIELDS[name].key] = text;
    }
  }
  return values;
}

/** What a link's values ask for, and a sentence for each value that cannot be meant. */
export function fromLink(values: Record<string, string>): { asked: Partial<Selection>; complaints: string[] } {
  let asked: Partial<Selection> = {};
  const complaints: string[] = [];
  for (const [key, text] of Object.entries(values)) {
    const name = BY_KEY.get(key);
    const part = name && readField(name, text);
    if (part === undefined) {
      const rule = name === undefined ? `known keys: ${[...BY_KEY.keys()].join(", ")}` : FIELDS[name].rule;
      complaints.push(`The link's ${key}=${text} was ignored: ${rule}.`);
    }
    asked = { ...asked, ...part };
  }
  return { asked, complaints };
}
