// Readable on white and on near-black, and apart from each other for deuteranopes; red and blue are left
// to the scores.
const PALETTE = ["#d98200", "#12a17c", "#a25bbd", "#3d9bd1", "#c0567f", "#7d8a1f", "#8a6a4f", "#6f7b86"] as const;

function hash(name: string): number {
  let value = 2166136261;
  for (const character of name) {
    value = Math.imul(value ^ character.codePointAt(0)!, 16777619) >>> 0;
  }
  return value;
}

/** A colour per run, from its name alone where possible: a new run rarely changes another's colour. */
export function runColours(runs: readonly string[]): Map<string, string> {
  const colours = new Map<string, string>();
  const taken = new Set<number>();
  for (const run of [...runs].sort()) {
    let at = hash(run) % PALETTE.length;
    for (let tries = 0; taken.has(at) && tries < PALETTE.length; tries++) {
      at = (at + 1) % PALETTE.length;
    }
    if (taken.size >= PALETTE.length) {
      taken.clear();
    }
    taken.add(at);
    colours.set(run, PALETTE[at]!);
  }
  return colours;
}
