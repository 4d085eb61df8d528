import type { Column, Section } from "#src/state/columns";
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
 * of the first method on screen. It stays while steps change and come in.
 */
export class BarOrder {
  readonly #known = new Map<string, Order>();

  constructor(private readonly session: Session) {}

  /** What the order is, or will be, made of. */
  basis(section: Section): Basis | undefined {
    const column = section.columns.find((candidate) => candidate.series !== undefined);
    const step = column?.series?.steps.at(-1);
    return this.#known.get(this.#name(section)) ?? (column && step !== undefined ? { column, step } : undefined);
  }

  /** Undefined until the maps it is made of have arrived; reading it subscribes to them. */
  of(section: Section): Order | undefined {
    const basis = this.basis(section);
    const known = this.#known.get(this.#name(section));
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
    this.#known.set(this.#name(section), order);
    return order;
  }

  #name({ hash }: Section): string {
    return JSON.stringify([hash, this.session.asked.value.input]);
  }
}
