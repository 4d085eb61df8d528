import { numeral, percent, roundedUp, signed } from "#src/math/numerals";
import type { Comparison } from "#src/state/comparison";
import type { Look, Reading, Wording } from "#src/views/view";

/** What is below it cannot be told from no difference: how A and B are stored, and their method's own errors. */
export const NOISE = "noise of A and B";

function scaleWords(difference: number, { scale }: Look): string {
  const size = Math.abs(difference);
  return `${percent(size / scale.vmax)} of the scale${size > scale.vmax ? ", beyond the bar" : ""}`;
}

/** What a person reads of a difference. @param shares of each map: written as per cents. */
export function differenceWording({ a, b, difference, noise }: Comparison, shares: boolean): Wording {
  const unit = shares ? 100 : 1;
  const end = shares ? "%" : "";
  const write = (value: number, digits = 3) => `${signed(unit * value, digits)}${end}`;
  const read = (cell: number, look: Look): Reading => {
    const [now, x, y, size] = [difference, a, b, noise].map((values) => values[cell] ?? Number.NaN);
    const value = write(now!, 4);
    const sides = `A ${write(x!, 4)}, B ${write(y!, 4)}`;
    if (!Number.isFinite(now)) {
      return { value, lines: ["B − A: not finite", sides] };
    }
    const below = Math.abs(now!) < size! ? "; the difference is below it" : "";
    const noisy = `${NOISE} ±${numeral(roundedUp(unit * size!), 2)}${end}${below}`;
    return { value, lines: [`B − A ${value}  (${scaleWords(now!, look)})`, sides, ...(size! > 0 ? [noisy] : [])] };
  };
  return { write, read };
}
