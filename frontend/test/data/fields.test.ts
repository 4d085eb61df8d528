import { expect, test } from "vitest";
import { parse } from "#src/data/blob";
import { MAX_FIELDS, MAX_MESSAGES } from "#src/data/fields";
import { MapBlobSchema, PartSchema, StatsSchema } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";

function repeated(bytes: number[], times: number): Uint8Array {
  return Uint8Array.from({ length: bytes.length * times }, (_, i) => bytes[i % bytes.length]!);
}

test.each([
  ["packed", [0x1a, 2, 7, 5], [7, 5]],
  ["one by one", [0x18, 7, 0x18, 5], [7, 5]],
  ["none", [0x1a, 0], []],
  ["in more bytes than it needs", [0x18, 0x87, 0x80, 0], [7]],
])("repeated numbers are read %s", (_, bytes, shape) => {
  expect(parse(Uint8Array.from(bytes), PartSchema).shape).toEqual(shape);
});

test("fields of a later version are passed over whatever their type", () => {
  const later = [0x98, 6, 1, 0xa1, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0xaa, 6, 3, 97, 98, 99, 0xb5, 6, 0, 0, 0, 0];
  expect(parse(Uint8Array.from([...later, 0x20, 3, 0x08, 9]), PartSchema)).toMatchObject({ count: 3, layer: 9 });
});

test.each([
  [[0x20], "no number"],
  [[0x20, ...Array(9).fill(0xff), 2], "no number"],
  [[0x80, 0x80, 0x80, 0x80, 0x80, 0, 1], "no number"],
  [[0, 1], "Part has no field 0 of wire type 0"],
  [[0x25, 0, 0, 0, 0], "Part has no field 4 of wire type 5"],
  [[0x22, 0], "Part has no field 4 of wire type 2"],
  [[0x9b, 6, 0x9c, 6], "unknown wire type 3"],
  [[0x3a, 5, 1, 2, 3, 4], "field 7 of Part goes on behind its end"],
  [[0x32, 2, 0x0d, 0], "field 1 of Companding goes on behind its end"],
  [[0x32, 6, 0x0d, 0, 0, 0, 0], "field 6 of Part goes on behind its end"],
  [[0x1a, 1, 0x80], "no number"],
])("what is no part is refused: %j", (bytes, words) => {
  expect(() => parse(Uint8Array.from(bytes), PartSchema)).toThrow(words);
});

test("packed numbers of fixed width are whole", () => {
  expect(() => parse(Uint8Array.from([0x0a, 9, ...Array(9).fill(0)]), StatsSchema)).toThrow("9 bytes of 8-byte");
  expect(parse(Uint8Array.from([0x0a, 8, ...Array(8).fill(0)]), StatsSchema).steps).toEqual([0]);
});

test("two bytes a field do not become any number of objects", () => {
  const parts = repeated([0x0a, 0], MAX_MESSAGES);
  expect(() => parse(parts, MapBlobSchema)).toThrow(`more than ${MAX_MESSAGES} messages`);
  const unknown = repeated([0x78, 0], MAX_FIELDS + 1);
  expect(() => parse(unknown, MapBlobSchema)).toThrow(`more than ${MAX_FIELDS} fields`);
  expect(parse(unknown.subarray(2), MapBlobSchema).parts).toEqual([]);
});
