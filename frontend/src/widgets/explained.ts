/** What the scores explain: "margin of dog"; a regression has one value and no target to name. */
export function explained(scalar: string, target: string): string {
  return target === "" || target === scalar ? scalar || "score" : `${scalar || "score"} of ${target}`;
}

/** What a score does to what is explained, by its sign. */
export interface Effect {
  readonly positive: string;
  readonly negative: string;
}

const FOR_A_CLASS: Effect = { positive: "supports the target", negative: "against the target" };

function moves(what: string): Effect {
  return { positive: `raises the ${what}`, negative: `lowers the ${what}` };
}

// Where the scalar grows with how much a class is preferred, a score speaks for it or against it. Of a number as the
// model gives it, nobody knows what more of it means.
const EFFECTS: Readonly<Record<string, Effect>> = {
  margin: FOR_A_CLASS,
  contrast: FOR_A_CLASS,
  probability: FOR_A_CLASS,
  logit: moves("logit"),
  as_is: moves("output"),
};

export function effectOn(scalar: string): Effect {
  return Object.hasOwn(EFFECTS, scalar) ? EFFECTS[scalar]! : moves("value");
}
