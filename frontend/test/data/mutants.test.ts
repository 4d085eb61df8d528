import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { CorruptBlobError, parse, unpack } from "#src/data/blob";
import { crc32 } from "#src/data/crc32";
import {
  MapBlobSchema,
  MapsSchema,
  type Part,
  ProbeBlobSchema,
  StatsSchema,
} from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { decodePart } from "#src/data/maps";
import { HEADER, mutants } from "./mutants";

const GOLDEN = new URL("../../../tests/golden/", import.meta.url);
const NUMBER = 10_000;

function stored(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${name}.bin`, GOLDEN)));
}

function text(path: string): string {
  return readFileSync(new URL(path, GOLDEN), "utf8");
}

/** What Python found; tests/golden/verdicts.py. */
const TABLE = text("mutants.txt")
  .trim()
  .split("\n")
  .map((line) => {
    const [name = "", mutantsOf, verdictsOf] = line.split(" ");
    return { name, mutantsOf: Number(mutantsOf), verdictsOf: Number(verdictsOf) };
  });
const others = TABLE.map(({ name }) => stored(name).subarray(HEADER));

/** "-" for a refusal; anything but our own error, with words, is a failure of the reader. */
async function refused(read: () => Promise<string> | string): Promise<string> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CorruptBlobError && error.message) {
      return "-";
    }
    throw error;
  }
}

/** Whether bytes follow the end of a zlib stream: the standard and browsers refuse that, Node 20 does not. */
function goesOn(payload: Uint8Array): boolean {
  const { engine } = inflateSync(payload, { info: true }) as unknown as { engine: { bytesWritten: number } };
  return engine.bytesWritten < payload.length;
}

async function part(stored: Part): Promise<string> {
  const maps = await decodePart(stored);
  if (goesOn(stored.payload)) {
    return "-";
  }
  const counts = [0, 0, 0];
  for (let i = 0; i < maps.count; i++) {
    for (const value of maps.values(i)) {
      counts[0]! += 1;
      counts[1]! += Number.isNaN(value) ? 1 : 0;
      counts[2]! += value < 0 ? 1 : 0;
    }
  }
  return `${maps.layer}/${maps.input}/${Number(maps.thumbnail)}/${[maps.count, ...maps.shape].join("x")}:${counts}`;
}

function letters(text: string): number {
  return [...text].length;
}

const READERS: Record<string, (data: Uint8Array) => Promise<string> | string> = {
  async MapBlob(data) {
    const words = ["maps"];
    for (const each of unpack(data, MapBlobSchema).parts) {
      words.push(await refused(() => part(each)));
    }
    return words.join(" ");
  },
  ProbeBlob(data) {
    const probe = unpack(data, ProbeBlobSchema);
    const tokens = probe.tokens.flatMap((row) => row.tokens);
    const texts = [probe.hash, ...probe.names, ...probe.classNames, ...probe.featureNames, ...tokens, probe.baseline];
    const repeated = [probe.names, probe.classNames, probe.featureNames, probe.labels, probe.tokens, tokens];
    const more = [probe.regions, probe.inputs, probe.segments, probe.baselineOutputs];
    const counts = [...repeated, ...more].map((list) => list.length);
    return `probe ${[probe.modality, probe.examples, ...counts, texts.reduce((sum, text) => sum + letters(text), 0)]}`;
  },
  Maps(data) {
    const items = parse(data, MapsSchema).items;
    return ["items", ...items.map((item) => `${item.element}:${item.blob.length}:${letters(item.error)}`)].join(" ");
  },
  Stats(data) {
    const { examples, steps, columns, values, histogram, problems, layout } = parse(data, StatsSchema);
    const counts = [steps, columns, values, histogram, problems].map((list) => list.length);
    const sizes = [layout?.lowExponent ?? 0, layout?.perOctave ?? 0, layout?.bins ?? 0];
    return `stats ${[examples, ...counts, ...sizes, ...columns]}`;
  },
};

/** Checksum of lines, as the Python side makes it. */
function checksum(lines: readonly (string | number)[]): number {
  return crc32(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
}

describe("what Python reads of a mutant is what the page reads, and what it refuses is refused", () => {
  test.each(TABLE)("$name", { timeout: 120_000 }, async ({ name, mutantsOf, verdictsOf }) => {
    const read = READERS[JSON.parse(text(`${name}.json`)).kind]!;
    const checksums: number[] = [];
    const verdicts: string[] = [];
    for (const mutant of mutants(name, stored(name), others, NUMBER)) {
      checksums.push(crc32(mutant));
      verdicts.push(await refused(() => read(mutant)));
    }
    expect(checksum(checksums), "the mutants themselves").toBe(mutantsOf);
    expect(checksum(verdicts), "what is read of them").toBe(verdictsOf);
  });
});
