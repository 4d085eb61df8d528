import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { ready } from "#src/state/loaded";
import { DEFAULTS, TILES } from "#src/state/selection";
import { Shown } from "#src/state/shown";
import { columnWidth, exampleWidth } from "#src/widgets/column_width";
import { differenceIn } from "#src/widgets/difference_part";
import { indexOf } from "../state/index_fixture";

const SERIES = [
  { tag: "saliency", shape: [32, 32] },
  { tag: "layer_conductance", shape: [64], units: true },
];

test.each([
  ["saliency", 144],
  ["layer_conductance", 340],
])("the difference of two %s columns is as wide as they are", (method, width) => {
  const side = (run: string) => ({ run: `${run}/attribution`, method, step: null });
  const index = indexOf({ a: SERIES, b: SERIES });
  const shown = new Shown(signal(ready(index)), signal({ ...DEFAULTS, difference: { a: side("a"), b: side("b") } }));
  const pair = differenceIn({ shown }, shown.sections.value[0]!)!;
  expect(columnWidth(pair.a, { modality: Modality.IMAGE, shown: 0, modalities: [] }, 0, 144)).toBe(width);
});

test("the first column holds the picture of any size that a person may choose, and without one its words alone", () => {
  const probe = { modality: Modality.IMAGE, inputsStored: true };
  expect(TILES.map((tile) => exampleWidth(probe, tile) - tile >= 24)).toEqual(TILES.map(() => true));
  expect(exampleWidth(probe, 96)).toBe(168);
  expect(exampleWidth({ ...probe, inputsStored: false }, 448)).toBe(168);
  expect(exampleWidth({ ...probe, modality: Modality.TABULAR }, 448)).toBe(168);
});
