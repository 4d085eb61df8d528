import { readdirSync, readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { CorruptBlobError, float32, unpack } from "#src/data/blob";
import {
  Code,
  Layer,
  MapsSchema,
  Modality,
  ProbeBlobSchema,
  StatColumn,
  StatsSchema,
} from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { decodeMapBlob } from "#src/data/maps";

const GOLDEN = new URL("../../../tests/golden/", import.meta.url);

interface ExpectedPart {
  layer: string;
  input: number;
  shape: number[];
  count: number;
  code: string;
  thumbnail: boolean;
  values: (number | string | null)[];
}

interface Expected {
  kind: string;
  about: string;
  error?: string;
  parts?: ExpectedPart[];
  // biome-ignore lint/suspicious/noExplicitAny: what else a case holds depends on its kind
  [key: string]: any;
}

function bytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${name}.bin`, GOLDEN)));
}

const cases = readdirSync(GOLDEN)
  .filter((file) => file.endsWith(".json"))
  .map((file) => {
    const name = file.replace(/\.json$/, "");
    return { name, expected: JSON.parse(readFileSync(new URL(file, GOLDEN), "utf8")) as Expected };
  });

function number(value: number | string | null): number {
  return value === null ? Number.NaN : value === "inf" ? Infinity : value === "-inf" ? -Infinity : (value as number);
}

function of(kind: string, corrupt = false) {
  return cases.filter(({ expected }) => expected.kind === kind && (expected.error !== undefined) === corrupt);
}

test("there are cases of every kind", () => {
  for (const kind of ["MapBlob", "ProbeBlob", "Maps", "Stats"]) {
    expect(of(kind).length, kind).toBeGreaterThan(0);
  }
  expect(of("MapBlob", true).length).toBeGreaterThan(5);
});

describe("maps", () => {
  test.each(of("MapBlob"))("$name: $expected.about", async ({ name, expected }) => {
    const found = await decodeMapBlob(bytes(name), 2);
    expect(found.length).toBe(expected.parts?.length);
    expected.parts?.forEach((part, i) => {
      const maps = found[i]!;
      expect(`LAYER_${Layer[maps.layer]}`).toBe(part.layer);
      expect([maps.input, maps.shape, maps.count, maps.thumbnail]).toEqual([
        part.input,
        part.shape,
        part.count,
        part.thumbnail,
      ]);
      const values = Array.from({ length: maps.count }, (_, index) => [...maps.values(index)]).flat();
      const wanted = part.values.map(number);
      expect(values.length).toBe(wanted.length);
      values.forEach((value, at) => {
        const want = wanted[at]!;
        // Companded values are computed by both sides, in float64, then rounded.
        const near =
          part.code === `CODE_${Code[Code.INT8_COMPANDED]}` ? Math.abs(value - want) <= 2e-7 * Math.abs(want) : false;
        if (!near && !Object.is(value, want)) {
          expect(value, `value ${at}`).toBe(want);
        }
      });
    });
  });
});

describe("what no writer wrote is refused", () => {
  test.each(of("MapBlob", true))("$name: $expected.about", async ({ name }) => {
    await expect(decodeMapBlob(bytes(name), 2)).rejects.toThrow(CorruptBlobError);
  });
  test.each(of("ProbeBlob", true))("$name: $expected.about", ({ name }) => {
    expect(() => unpack(bytes(name), ProbeBlobSchema)).toThrow(CorruptBlobError);
  });
});

describe("probes", () => {
  test.each(of("ProbeBlob"))("$name: $expected.about", ({ name, expected }) => {
    const probe = unpack(bytes(name), ProbeBlobSchema);
    const want = expected.probe;
    expect(probe.hash).toBe(want.hash);
    expect(`MODALITY_${Modality[probe.modality]}`).toBe(want.modality);
    expect([probe.examples, probe.names, probe.classNames, probe.featureNames]).toEqual([
      want.examples,
      want.names,
      want.class_names,
      want.feature_names,
    ]);
    expect(probe.labels).toEqual(want.labels);
    expect(probe.tokens.map((row) => row.tokens)).toEqual(want.tokens);
    expect([probe.inputsStored, probe.baseline]).toEqual([want.inputs_stored, want.baseline]);
    expect([probe.shown, probe.modalities.map((kind) => `MODALITY_${Modality[kind]}`)]).toEqual([
      want.shown,
      want.modalities,
    ]);
  });
});

describe("answers", () => {
  test.each(of("Stats"))("$name: $expected.about", ({ name, expected }) => {
    const stats = fromBinary(StatsSchema, bytes(name));
    expect(stats.steps).toEqual(expected.steps);
    expect(stats.columns.map((column) => StatColumn[column])).toEqual(expected.columns);
    expect([...float32(stats.values)]).toEqual(expected.values.map(number));
    expect([...float32(stats.histogram)]).toEqual(expected.histogram);
    expect([stats.layout?.lowExponent, stats.layout?.perOctave, stats.layout?.bins]).toEqual([
      expected.layout.low_exponent,
      expected.layout.per_octave,
      expected.layout.bins,
    ]);
  });
  test.each(of("Maps"))("$name: $expected.about", ({ name, expected }) => {
    const { items } = fromBinary(MapsSchema, bytes(name));
    expect(items.map((item) => [item.step, item.element, item.error])).toEqual(
      // biome-ignore lint/suspicious/noExplicitAny: read from JSON
      expected.items.map((item: any) => [item.step, item.element, item.error ?? ""]),
    );
  });
});
