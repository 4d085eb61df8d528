import { cssColour } from "#src/math/colour";
import { numeral, signed } from "#src/math/numerals";
import { reading } from "#src/views/reading";
import type { Frame, Look, MakeView, Subject, Tip, View } from "#src/views/view";

/** Rows of a tile; what does not fit is summed in one line. */
const ROWS = 14;
/** CSS pixels. */
export const WIDTH = 340;

interface Row {
  readonly line: HTMLElement;
  readonly name: HTMLElement;
  readonly input: HTMLElement;
  readonly bar: HTMLElement;
  readonly score: HTMLElement;
}

function part(line: HTMLElement, name: string): HTMLElement {
  const element = document.createElement("span");
  element.className = name;
  line.append(element);
  return element;
}

/** Signed bars, one per feature, in one order for the whole probe and all steps. */
class TabularView implements View {
  readonly #rows: Row[] = [];
  readonly #rest: HTMLElement;
  #frame: Frame | undefined;
  #look: Look | undefined;
  #order: readonly number[] = [];

  constructor(
    private readonly root: HTMLElement,
    private readonly subject: Subject,
    private readonly tip: Tip,
  ) {
    root.classList.add("bars");
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
    this.#order = look.order ?? Array.from(frame.values.keys());
    const shown = this.#order.slice(0, ROWS);
    this.#grow(shown.length);
    shown.forEach((feature, place) => {
      this.#fill(this.#rows[place]!, feature, frame, look);
    });
    const others = this.#order.slice(ROWS);
    const sum = others.reduce((total, feature) => total + (frame.values[feature] ?? 0), 0);
    this.#rest.textContent = others.length === 0 ? "" : `${others.length} more features, sum ${signed(sum)}`;
  }

  dispose(): void {
    this.root.removeEventListener("pointermove", this.#read);
    this.root.removeEventListener("pointerleave", this.#leave);
    this.root.replaceChildren();
  }

  #grow(count: number): void {
    for (const row of this.#rows.splice(count)) {
      row.line.remove();
    }
    while (this.#rows.length < count) {
      const line = document.createElement("div");
      line.className = "bar-row";
      const name = part(line, "feature");
      const input = part(line, "input");
      const track = part(line, "track");
      this.#rows.push({ line, name, input, bar: part(track, "bar"), score: part(line, "score") });
      this.root.insertBefore(line, this.#rest);
    }
  }

  #fill(row: Row, feature: number, frame: Frame, look: Look): void {
    const stored = frame.values[feature] ?? Number.NaN;
    const value = look.relu && stored < 0 ? 0 : stored;
    const name = this.subject.featureNames[feature] ?? `feature ${feature}`;
    row.name.textContent = name;
    row.name.title = name;
    const input = frame.input?.values[feature];
    row.input.textContent = input === undefined ? "" : numeral(input);
    row.score.textContent = signed(stored);
    const t = Math.max(-1, Math.min(1, value / look.scale.vmax));
    row.line.classList.toggle("not-finite", !Number.isFinite(stored));
    row.line.classList.toggle("beyond", Math.abs(value) > look.scale.vmax);
    const half = look.scale.signed ? 50 : 100;
    const zero = look.scale.signed ? 50 : 0;
    const width = Number.isFinite(t) ? Math.abs(t) * half : 0;
    row.bar.style.left = `${t < 0 ? zero - width : zero}%`;
    row.bar.style.width = `${width}%`;
    row.bar.style.background = cssColour(look.colours, look.scale.signed ? Math.sign(t) : 0.7);
  }

  readonly #read = (event: PointerEvent) => {
    const place = this.#rows.findIndex((row) => row.line.contains(event.target as Node));
    const feature = this.#order[place];
    if (feature === undefined || this.#frame === undefined || this.#look === undefined) {
      this.tip(event, []);
      return;
    }
    const name = this.subject.featureNames[feature] ?? `feature ${feature}`;
    const input = this.#frame.input?.values[feature];
    const lines = [name, ...reading(this.#frame.values[feature] ?? Number.NaN, this.#look)];
    this.tip(event, input === undefined ? lines : [...lines, `input ${numeral(input, 6)}`]);
  };

  readonly #leave = (event: PointerEvent) => this.tip(event, []);
}

export const tabularView: MakeView = (root, subject, tip) => new TabularView(root, subject, tip);
