import { type Column, hasUnits, type Section } from "#src/state/columns";
import type { Session } from "#src/state/session";

/** What features are sorted by. */
export interface Basis {
  readonly column: Column;
  readonly step: number;
}

/** Features, most important first. */
interface Order extends Basis {
  readonly features: readonly number[];
}

/**
 * The order of a table's rows: by mean |score| over the probe at the last step there was when first asked,
 * of the first method on screen. It stays while steps change and come in. Units of a layer have an order of their own.
 */
export class BarOrder {
  readonly #known = new Map<string, Order>();

  constructor(private readonly session: Session) {}

  /** What the order is, or will be, made of. */
  basis(section: Section, shown: Column): Basis | undefined {
    const rows = rowsOf(shown);
    const column = section.columns.find((one) => one.series !== undefined && rowsOf(one) === rows);
    const step = column?.series?.steps.at(-1);
    return this.#known.get(this.#name(section, rows)) ?? (column && step !== undefined ? { column, step } : undefined);
  }

  /** Undefined until the maps it is made of have arrived; reading it subscribes to them. */
  of(section: Section, shown: Column): Order | undefined {
    const basis = this.basis(section, shown);
    const name = this.#name(section, rowsOf(shown));
    const known = this.#known.get(name);
    if (basis === undefined || known !== undefined) {
      return known;
    }
    const first = this.session.atlas(basis.column, basis.step);
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
    const order = { features, ...basis };
    this.#known.set(name, order);
    return order;
  }

  #name({ hash }: Section, rows: string): string {
    return JSON.stringify([hash, this.session.asked.value.input, rows]);
  }
}

/** What the rows of a column are: the same features in all, units of a layer in those of one tag. */
function rowsOf(column: Column): string {
  return hasUnits(column) ? column.tag : "";
}
