/** Lines that one text may take; more of a name says nothing. */
const MOST = 3;

/**
 * A text as lines that fit, broken between words, and inside those that fill a line; what is left of the last line is
 * cut off.
 *
 * @param fits whether a text is no wider than a line.
 */
export function wrapped(text: string, fits: (text: string) => boolean): string[] {
  const lines: string[] = [];
  let rest = [...text];
  while (rest.length > 0) {
    const last = lines.length === MOST - 1;
    const end = fitting(rest, last ? "…" : "", fits);
    if (end === rest.length || last) {
      lines.push(end === rest.length ? rest.join("") : `${rest.slice(0, end).join("")}…`);
      return lines;
    }
    const space = rest.slice(0, end + 1).lastIndexOf(" ");
    const stop = space > 0 ? space : end;
    lines.push(rest.slice(0, stop).join(""));
    rest = rest.slice(space > 0 ? stop + 1 : stop);
  }
  return lines;
}

/** How many of the characters fit, at least one; where not all do, with `end` behind them. */
function fitting(characters: readonly string[], end: string, fits: (text: string) => boolean): number {
  if (fits(characters.join(""))) {
    return characters.length;
  }
  let [low, high] = [1, characters.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(characters.slice(0, middle).join("") + end)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}
