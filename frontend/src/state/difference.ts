import { computed, type ReadonlySignal } from "@preact/signals";
import { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { type Column, hashOf, inputOf, modalityOf } from "#src/state/columns";
import { type Comparison, comparisonOf } from "#src/state/comparison";
import type { Read } from "#src/state/difference_pool";
import { type Compared, DifferenceScale } from "#src/state/difference_scale";
import { known } from "#src/state/loaded";
import {
  isSameDifference,
  type Operand,
  type Operands,
  operandOf,
  operandsOf,
  type Treatment,
  valuesOf,
  type Words,
} from "#src/state/operands";
import { refusals } from "#src/state/refusals";
import { isSigned } from "#src/state/scale";
import type { Session } from "#src/state/session";
import type { Pair } from "#src/state/sides";
import { stable } from "#src/state/stable";
import { shownStep, type TileMap } from "#src/state/tile";

function isSameTreatment(one: Treatment, other: Treatment): boolean {
  return one.picture === other.picture && one.relu === other.relu && one.centred === other.centred;
}

function shapeOf(shown: TileMap): string {
  return "map" in shown ? shown.map.maps.shape.join() : "";
}

/** B - A of two columns. */
export class Difference implements Compared {
  /** Why there is none; empty where there is. */
  readonly refusals: ReadonlySignal<readonly string[]>;
  readonly pair: ReadonlySignal<Pair | undefined>;
  readonly shares: ReadonlySignal<boolean>;
  readonly how: ReadonlySignal<Treatment>;
  readonly treatment: ReadonlySignal<string>;
  readonly scale: DifferenceScale;

  constructor(private readonly session: Session) {
    const { shown, asked } = session;
    const relu = computed(() => asked.value.relu);
    this.shares = computed(() => asked.value.scope === "share");
    this.refusals = computed(() => {
      const pair = shown.pair.value;
      return pair === undefined ? [] : refusals(pair, this.shares.value, relu.value);
    });
    this.pair = computed(() => (this.refusals.value.length > 0 ? undefined : shown.pair.value));
    this.how = stable(() => this.#treatment(relu.value), isSameTreatment);
    this.treatment = computed(() => JSON.stringify([this.how.value, this.shares.value]));
    this.scale = new DifferenceScale(session, this);
  }

  /** An example at the step on screen. The same object while nothing about it changes. */
  of(example: number): ReadonlySignal<Comparison | Words> {
    const operands = stable(() => this.#operands(example), isSameDifference);
    return computed(() => {
      const found = operands.value;
      return "words" in found ? found : comparisonOf(found, this.how.value);
    });
  }

  /** Values of both sides at a step of the page, of what is stored of all examples. */
  read(pair: Pair, step: number, example: number): Read {
    const side = (column: Column) => {
      const asked = column.step ?? step;
      return this.#operand(column, this.session.atlas(column, asked, example), asked, example);
    };
    const both = this.#both(pair.a, side(pair.a), side(pair.b));
    if ("words" in both) {
      return both.failed ? "none" : undefined;
    }
    const how = this.how.value;
    return { a: valuesOf(both.a, how), b: valuesOf(both.b, how), thumbnails: both.a.tile.map.maps.thumbnail };
  }

  #treatment(relu: boolean): Treatment {
    const column = this.pair.value?.a;
    const maps = column?.series?.maps;
    const probe = column && known(this.session.probes.get(hashOf(column)));
    const input = column === undefined ? 0 : inputOf(column, this.session.asked.value.input);
    const modality = column && probe && modalityOf(column, probe, input);
    return {
      picture: modality === Modality.IMAGE,
      relu: relu && maps?.cam === true,
      centred: maps !== undefined && !isSigned(maps, relu),
    };
  }

  #operands(example: number): Operands | Words {
    const { session } = this;
    const pair = this.pair.value;
    if (pair === undefined) {
      return { words: "nothing to subtract", failed: true };
    }
    const shown = (column: Column) => session.tile(column, example);
    const stored = (column: Column) => session.atlas(column, session.shown.stepOf(column), example);
    // One of them may have come at full resolution before the other.
    const read = shapeOf(shown(pair.a)) === shapeOf(shown(pair.b)) ? shown : stored;
    const side = (column: Column) => this.#operand(column, read(column), session.shown.stepOf(column), example);
    return this.#both(pair.a, side(pair.a), side(pair.b));
  }

  #operand(column: Column, shown: TileMap, asked: number, example: number): Operand | Words {
    const step = shownStep(column, asked)?.step ?? Number.NaN;
    return operandOf(shown, this.session.statsOf(column), step, example, this.shares.value);
  }

  #both(column: Column, a: Operand | Words, b: Operand | Words): Operands | Words {
    const names = known(this.session.probes.get(hashOf(column)))?.classNames;
    return operandsOf(a, b, (target) => names?.[target] ?? String(target));
  }
}
