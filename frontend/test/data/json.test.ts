import { create, fromJson as libraryFromJson, toJson } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  Code,
  ErrorKind,
  IndexSchema,
  ScalarsListSchema,
} from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { fromJson } from "#src/data/json";

const INDEX = create(IndexSchema, {
  runs: [
    {
      run: "a/attribution",
      series: [
        {
          maps: {
            tag: "ig",
            method: "constructor",
            parameters: [{ name: "steps", value: "16" }],
            signed: true,
            errorKind: ErrorKind.ERROR_GAP,
            grids: [{ input: "", shape: [7, 7], methodShape: [14, 14], inputShape: [28, 28, 3] }],
            code: Code.INT8_COMPANDED,
            examples: 4_000_000_000,
          },
          steps: [0, 2 ** 53],
          seconds: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1],
        },
      ],
      probeHashes: ["h"],
    },
  ],
  problems: [{ run: "a", message: "cut off" }],
  samplesPerPlugin: 10,
});

test("an index is what the library reads, with the names of the .proto and what it does not know left out", () => {
  const json = { ...(toJson(IndexSchema, INDEX, { useProtoFieldName: true }) as object), newer: [{ field: 1 }] };
  const read = fromJson(IndexSchema, json);
  expect(read).toEqual(INDEX);
  expect(read).toEqual(libraryFromJson(IndexSchema, json as never, { ignoreUnknownFields: true }));
});

test("what is left out is its default", () => {
  expect(fromJson(IndexSchema, {})).toEqual(create(IndexSchema));
});

test("an enum's name that a newer server has is no error", () => {
  const json = { runs: [{ series: [{ maps: { error_kind: "ERROR_OF_TOMORROW" } }] }] };
  expect(fromJson(IndexSchema, json).runs[0]?.series[0]?.maps?.errorKind).toBe(ErrorKind.ERROR_NONE);
});

test.each<[unknown, string]>([
  [null, "Index cannot be null"],
  [{ runs: {} }, "Index.runs cannot be {}"],
  [{ runs: [7] }, "Run cannot be 7"],
  [{ runs: [{ run: 7 }] }, "Run.run cannot be 7"],
  [{ samples_per_plugin: "many" }, 'Index.samples_per_plugin cannot be "many"'],
  [{ runs: [{ series: [{ maps: { signed: "true" } }] }] }, 'MapSeries.signed cannot be "true"'],
])("%j is refused by the name of what is wrong", (json, words) => {
  expect(() => fromJson(IndexSchema, json)).toThrow(words);
});

test("scalars that are no number come as words", () => {
  const json = { series: [{ steps: [0, 1], values: ["NaN", -0.5] }] };
  expect(fromJson(ScalarsListSchema, json).series[0]?.values).toEqual([Number.NaN, -0.5]);
});
