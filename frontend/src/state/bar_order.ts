import type { Column, Section } from "#src/state/columns";
import type { Session } from "#src/state/session";

/** Features, most important first, and what they were sorted by. */
export interface Order {
  readonly features: readonly number[];
  readonly column: Column;
  readonly step: number;
}

/**
 * The order of a table's rows: by mean |score| over the probe at the last step there was when first asked,
 * of the first method on screen. It stays while steps change and come in.
 */
export class BarOrder {
  readonly #known = new Map<string, Order>();

  constructor(private readonly session: Session) {}

  /** Undefined until the maps it is made of have arrived; reading it subscribes to them. */
  of(section: Section): Order | undefined {
    const column = section.columns.find((candidate) => candidate.series !== undefined);
    const last = column?.series?.steps.at(-1);
    if (column === undefined || last === undefined) {
      return undefined;
    }
    const name = JSON.stringify([section.hash, this.session.selection.value.input]);
    const known = this.#known.get(name);
    if (known !== undefined) {
      return known;
    }
    const first = this.session.atlas(column, last);
    if (!("map" in first)) {
      return undefined;
    }
    const { maps } = first.map;
    const sums: number[] = [];
    for (let example = 0; example < maps.count; example++) {
      maps.values(example).forEach((value, feature) => {
        sums[feature] = (sums[feature] ?? 0) + (Number.isFinite(value) ? Math.abs(value) : 0);
      });
    }
    const features = sums.map((_, feature) => feature).sort((a, b) => sums[b]! - sums[a]! || a - b);
    const order = { features, column, step: last };
    this.#known.set(name, order);
    return order;
  }
}
