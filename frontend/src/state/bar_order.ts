import { type Column, hasUnits, inputOf, type Section } from "#src/state/columns";
import type { Session } from "#src/state/session";

/** Features, most important first, and what they are sorted by. */
interface Order {
  /** Undefined until the maps it is made of have arrived. */
  readonly features: readonly number[] | undefined;
  readonly column: Column;
  readonly step: number;
}

/**
 * The order of a table's bars: by mean |score| over the probe at the last step there was when first asked,
 * of the first method on screen that has the same bars. It stays while steps change and come in.
 */
export class BarOrder {
  readonly #known = new Map<string, Order>();

  constructor(private readonly session: Pick<Session, "input" | "atlas">) {}

  /** Undefined where there is nothing to sort by; reading it subscribes to the maps it is made of. */
  of(section: Section, shown: Column): Order | undefined {
    const input = this.session.input.value;
    const bars = barsOf(shown, input);
    const name = JSON.stringify([section.hash, input, bars]);
    const known = this.#known.get(name);
    const column = section.columns.find((one) => one.series !== undefined && barsOf(one, input) === bars);
    const step = column?.series?.steps.at(-1);
    if (known !== undefined || column === undefined || step === undefined) {
      return known;
    }
    const first = this.session.atlas(column, step);
    if (!("map" in first)) {
      return { features: undefined, column, step };
    }
    const { maps } = first.map;
    const sums: number[] = [];
    for (let example = 0; example < maps.count; example++) {
      maps.values(example).forEach((value, feature) => {
        sums[feature] = (sums[feature] ?? 0) + (Number.isFinite(value) ? Math.abs(value) : 0);
      });
    }
    const features = sums.map((_, feature) => feature).sort((a, b) => sums[b]! - sums[a]! || a - b);
    const order = { features, column, step };
    this.#known.set(name, order);
    return order;
  }
}

/** What the bars of a column are: the features of one shape; units of the layer of one tag, as many as a run has. */
export function barsOf(column: Column, input: number | null): string {
  const { shape = [] } = column.series?.maps?.grids[inputOf(column, input)] ?? {};
  return JSON.stringify([hasUnits(column) ? column.tag : "", shape]);
}
