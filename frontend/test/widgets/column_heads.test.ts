import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { MapSeriesSchema, Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { gridWords, orderWords } from "#src/widgets/column_heads";

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

test("a head of a table says what its rows are sorted by", () => {
  const column = { key: "", tag: "kernel_shap", run: { run: "a/attribution", group: "a", name: "attribution" } };
  expect(orderWords({ column: { ...column, series: undefined } as never, step: 150 })).toBe(
    "sorted by mean |score| at step 150 of kernel_shap in a",
  );
});
