import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { MapSeriesSchema, Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { columnsOf, type Section, sections } from "#src/state/columns";
import { DEFAULTS } from "#src/state/selection";
import { gridWords, orderWords } from "#src/widgets/column_heads";
import { indexOf } from "../state/index_fixture";

function maps(shape: number[], methodShape: number[], channelsSummed: boolean) {
  return create(MapSeriesSchema, { grids: [{ shape, methodShape }], channelsSummed });
}

test("a head says who summed the channels: the log, or the picture", () => {
  expect(gridWords(maps([16, 16], [32, 32, 3], true), 0, Modality.IMAGE)).toBe(
    "16 × 16 cells, sums of 32 × 32 × 3, channels summed",
  );
  expect(gridWords(maps([16, 16, 3], [16, 16, 3], false), 0, Modality.IMAGE)).toBe(
    "16 × 16 × 3 cells, drawn as the sum of 3 channels",
  );
  expect(gridWords(maps([16, 16, 3], [16, 16, 3], false), 0, Modality.TIME_SERIES)).toBe("16 × 16 × 3 cells");
});

test("blocks of scores that are of places are means", () => {
  const found = create(MapSeriesSchema, { ...maps([16, 16], [32, 32, 1], false), perPlace: true });
  expect(gridWords(found, 0, Modality.IMAGE)).toBe("16 × 16 cells, means of 32 × 32 × 1");
});

test("each head of bars says what they are sorted by, or will be; a picture's says nothing", () => {
  const index = indexOf({ a: ["kernel_shap", "dense_0", "dense_1"].map((tag) => ({ tag, shape: [8] })) });
  const [section] = sections(index, { ...DEFAULTS, methods: ["kernel_shap", "dense_0", "dense_1"] });
  const [shap, first, second] = columnsOf([section!]);
  const orders = {
    of: (_: Section, column: typeof shap) =>
      column === second
        ? { features: undefined, column: column!, step: 150 }
        : { features: [], column: column!, step: column === first ? 150 : 90 },
  };
  const words = (column: typeof shap, modality: Modality) => orderWords(orders, section!, column!, modality);
  expect(words(shap, Modality.TABULAR)).toBe("sorted by mean |score| at step 90 of kernel_shap in a");
  expect(words(first, Modality.UNKNOWN)).toBe("sorted by mean |score| at step 150 of dense_0 in a");
  expect(words(second, Modality.UNKNOWN)).toBe("sorting by mean |score| at step 150 of dense_1 in a");
  expect(words(first, Modality.IMAGE)).toBe("");
});
