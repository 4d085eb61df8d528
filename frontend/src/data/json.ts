import {
  create,
  type DescField,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  ScalarType,
} from "@bufbuild/protobuf";

/** Numbers that JSON has no other way to write. */
const WORDS: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, "-Infinity": -Infinity };

function wrong(field: DescField, value: unknown): Error {
  return new Error(`${field.parent.name}.${field.name} cannot be ${JSON.stringify(value)?.slice(0, 60)}`);
}

function numberOf(field: DescField, value: unknown): number {
  const number = typeof value === "string" && Object.hasOwn(WORDS, value) ? WORDS[value] : value;
  if (typeof number !== "number") {
    throw wrong(field, value);
  }
  return number;
}

function partOf(field: DescField, value: unknown): unknown {
  if (field.message !== undefined) {
    return partsOf(field.message, value);
  }
  if (field.enum !== undefined) {
    // A name that is not known is one that a newer server has.
    return typeof value === "string" ? (field.enum.values.find(({ name }) => name === value)?.number ?? 0) : value;
  }
  const type = field.scalar === ScalarType.STRING ? "string" : field.scalar === ScalarType.BOOL ? "boolean" : undefined;
  if (type !== undefined && typeof value !== type) {
    throw wrong(field, value);
  }
  return type === undefined ? numberOf(field, value) : value;
}

function partsOf(schema: DescMessage, json: unknown): Record<string, unknown> {
  if (typeof json !== "object" || json === null) {
    throw new Error(`${schema.name} cannot be ${JSON.stringify(json)}`);
  }
  const parts: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const value = (json as Record<string, unknown>)[field.name];
    if (field.fieldKind === "list" && value !== undefined) {
      if (!Array.isArray(value)) {
        throw wrong(field, value);
      }
      parts[field.localName] = value.map((one) => partOf(field, one));
    } else if (value !== undefined) {
      parts[field.localName] = partOf(field, value);
    }
  }
  return parts;
}

/**
 * A message from proto3 JSON with the names of the .proto, as far as our messages need it: numbers of 64 bits, bytes and
 * maps are not read. The library's own reader takes 5 KB of what is loaded first.
 *
 * @throws Error naming a field that holds what it cannot.
 */
export function fromJson<Desc extends DescMessage>(schema: Desc, json: unknown): MessageShape<Desc> {
  return create(schema, partsOf(schema, json) as MessageInitShape<Desc>);
}
