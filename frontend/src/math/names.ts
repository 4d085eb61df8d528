/** Characters that turn the direction of all that follows; a name in a sentence must not. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const [ISOLATE, END] = ["\u2068", "\u2069"];

/** Shows what would turn the direction of writing instead of letting it. */
export function unturned(words: string): string {
  return words.replace(TURNS, "\ufffd");
}

/** Longer names leave no room for what is said of them. */
const LONGEST = 120; // characters

/** A name for the middle of a sentence: numbers beside one from right to left stay on their side, and a very long one is cut. */
export function inSentence(name: string): string {
  const shown = unturned(name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name);
  return RIGHT_TO_LEFT.test(shown) ? `${ISOLATE}${shown}${END}` : shown;
}
