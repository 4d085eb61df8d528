import { ACROSS, DEFAULTS, type Selection } from "#src/state/selection";

/** Names as one value of a link; a name may hold commas. */
function join(names: readonly string[]): string {
  return names.map(encodeURIComponent).join(",");
}

function split(value: string): string[] {
  return value.split(",").filter(Boolean).map(decodeURIComponent);
}

/** What is not default, as values of a link. */
export function toLink(selection: Selection): Record<string, string> {
  const values: Record<string, string> = {};
  if (selection.runs !== null) {
    values.runs = join(selection.runs);
  }
  if (selection.methods !== null) {
    values.method = join(selection.methods);
  }
  if (selection.target !== null) {
    values.target = selection.target;
  }
  if (selection.across !== DEFAULTS.across) {
    values.across = selection.across;
  }
  if (selection.step !== null) {
    values.step = String(selection.step);
  }
  return values;
}

/** A selection from a link's values, and a sentence for each value that cannot be meant. */
export function fromLink(values: Record<string, string>): { selection: Selection; complaints: string[] } {
  let selection = DEFAULTS;
  const complaints: string[] = [];
  const readers: Record<string, (value: string) => Partial<Selection>> = {
    runs: (value) => ({ runs: split(value) }),
    method: (value) => ({ methods: split(value) }),
    target: (value) => ({ target: value }),
    across: (value) => {
      const across = ACROSS.find((one) => one === value);
      if (across === undefined) {
        throw new Error(`columns stand side by side across ${ACROSS.join(", ")}`);
      }
      return { across };
    },
    step: (value) => {
      const step = Number(value);
      if (value.trim() === "" || !Number.isFinite(step)) {
        throw new Error("a step is a number");
      }
      return { step };
    },
  };
  for (const [key, value] of Object.entries(values)) {
    try {
      const read = readers[key];
      if (read === undefined) {
        throw new Error(`known keys: ${Object.keys(readers).join(", ")}`);
      }
      selection = { ...selection, ...read(value) };
    } catch (error) {
      complaints.push(`The link's ${key}=${value} was ignored: ${(error as Error).message}.`);
    }
  }
  return { selection, complaints };
}
