import { rgb } from "#src/math/colour";
import { inkOn } from "#src/math/contrast";
import { signed } from "#src/math/numerals";
import { reading } from "#src/views/reading";
import type { Frame, Look, MakeView, Subject, Tip, View } from "#src/views/view";

/** CSS pixels. */
export const WIDTH = 320;

/** Chips of an example. A browser does not lay out hundreds of thousands; a log may hold them. */
const CHIPS = 1000;
/** The same for tokens without a name, which say little. */
const UNNAMED = 512;
/** Characters of a chip. */
const LONGEST = 80;

/**
 * How many tokens are drawn, and words on the others.
 *
 * @param named how many tokens have a text; 0 where they were not stored.
 */
export function chips(scores: Float32Array, named: number): { count: number; rest: string } {
  const tokens = named === 0 ? scores.length : Math.min(scores.length, named);
  const count = Math.min(tokens, named === 0 ? UNNAMED : CHIPS);
  const sum = scores.subarray(count, tokens).reduce((total, score) => total + score, 0);
  return { count, rest: count === tokens ? "" : `and ${tokens - count} more tokens, sum ${signed(sum)}` };
}

/** White space as something to see. */
export function visible(token: string): string {
  if (token.length > LONGEST) {
    return `${visible(token.slice(0, LONGEST))}…`;
  }
  return token === ""
    ? "∅"
    : token.replaceAll(" ", "·").replaceAll("\n", "⏎").replaceAll("\t", "⇥").replaceAll("\r", "␍");
}

/** One chip per token, coloured by its score. */
class TextView implements View {
  readonly #chips: HTMLElement[] = [];
  readonly #rest: HTMLElement;
  #frame: Frame | undefined;
  #look: Look | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly subject: Subject,
    private readonly tip: Tip,
  ) {
    root.classList.add("chips");
    this.#rest = document.createElement("div");
    this.#rest.className = "rest";
    root.append(this.#rest);
    root.addEventListener("pointermove", this.#read);
    root.addEventListener("pointerleave", this.#leave);
  }

  update(frame: Frame, look: Look): void {
    this.#frame = frame;
    this.#look = look;
    this.root.style.width = `${WIDTH}px`;
    // Without strings (they may be private) the scores still have an order.
    const { count, rest } = chips(frame.values, this.subject.tokens.length);
    for (const chip of this.#chips.splice(count)) {
      chip.remove();
    }
    while (this.#chips.length < count) {
      const chip = document.createElement("span");
      chip.className = "chip";
      chip.textContent = visible(this.subject.tokens[this.#chips.length] ?? `token ${this.#chips.length}`);
      this.#chips.push(chip);
      this.root.insertBefore(chip, this.#rest);
    }
    this.#rest.textContent = rest;
    this.#chips.forEach((chip, at) => {
      this.#paint(chip, frame.values[at] ?? Number.NaN, look);
    });
  }

  dispose(): void {
    this.root.removeEventListener("pointermove", this.#read);
    this.root.removeEventListener("pointerleave", this.#leave);
    this.root.replaceChildren();
  }

  #paint(chip: HTMLElement, stored: number, look: Look): void {
    const finite = Number.isFinite(stored);
    chip.classList.toggle("not-finite", !finite);
    if (!finite) {
      chip.style.background = "";
      chip.style.color = "";
      return;
    }
    const colour = rgb(look.colours, (look.relu ? Math.max(0, stored) : stored) / look.scale.vmax);
    chip.style.background = `rgb(${colour.join(" ")})`;
    chip.style.color = `rgb(${inkOn(colour).join(" ")})`;
  }

  readonly #read = (event: PointerEvent) => {
    const at = this.#chips.indexOf(event.target as HTMLElement);
    const value = this.#frame?.values[at];
    if (value === undefined || this.#look === undefined) {
      this.tip(event, []);
      return;
    }
    this.tip(event, [...reading(value, this.#look), `token ${at}: ${visible(this.subject.tokens[at] ?? "")}`]);
  };

  readonly #leave = (event: PointerEvent) => this.tip(event, []);
}

export const textView: MakeView = (root, subject, tip) => new TextView(root, subject, tip);
