import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** A text probe of 1,000 examples has half as many fields. */
export const MAX_FIELDS = 2 ** 20;
/** An atlas of 65,536 companded maps has a quarter as many. */
export const MAX_MESSAGES = 2 ** 18;

const VARINT = 0;
const EIGHT = 1;
const LENGTH = 2;
const FOUR = 5;
/** Bytes of a number, and of a tag or a length. */
const LONGEST = 10;
const LONGEST_HEAD = 5;

interface Expected {
  readonly wireType: number;
  readonly packable: boolean;
  readonly inner: DescMessage | undefined;
}

const known = new WeakMap<DescMessage, ReadonlyMap<number, Expected>>();

function expectations(schema: DescMessage): ReadonlyMap<number, Expected> {
  let fields = known.get(schema);
  if (fields === undefined) {
    fields = new Map(schema.fields.map((field) => [field.number, expectation(field)]));
    known.set(schema, fields);
  }
  return fields;
}

function expectation(field: DescField): Expected {
  const wireType = field.message ? LENGTH : wireTypeOf(field.scalar);
  return { wireType, packable: field.fieldKind === "list" && wireType !== LENGTH, inner: field.message };
}

function wireTypeOf(scalar: ScalarType | undefined): number {
  switch (scalar) {
    case ScalarType.DOUBLE:
      return EIGHT;
    case ScalarType.FLOAT:
      return FOUR;
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return LENGTH;
    default:
      return VARINT; // enums have no scalar
  }
}

/**
 * Refuses bytes that are not well-formed as `schema`, or hold more fields than can be read, before objects are made of
 * them: two bytes can become one of some hundred, and libraries differ in what they make of bytes that no writer wrote
 * (docs/wire.md). Fields that the schema does not know are skipped.
 *
 * @throws Error saying what and where.
 */
export function checkFields(body: Uint8Array, schema: DescMessage): void {
  let at = 0;
  let fields = 0;
  let messages = 0;

  /** The varint at `at`; not exact above 2^53. */
  function number(end: number, longest: number): number {
    const start = at;
    let value = 0;
    while (at < end && at - start < longest) {
      const place = at - start;
      const byte = body[at++]!;
      value += (byte & 0x7f) * 2 ** (7 * place);
      if (byte < 0x80) {
        if (place === LONGEST - 1 && byte > 1) {
          break; // 2^64 and more
        }
        return value;
      }
    }
    throw new Error(`no number (byte ${start})`);
  }

  function count(): void {
    if (++fields > MAX_FIELDS) {
      throw new Error(`more than ${MAX_FIELDS} fields`);
    }
  }

  function packed(end: number, wireType: number): void {
    if (wireType !== VARINT) {
      const width = wireType === EIGHT ? 8 : 4;
      if ((end - at) % width !== 0) {
        throw new Error(`${end - at} bytes of ${width}-byte numbers (byte ${at})`);
      }
      return;
    }
    while (at < end) {
      count();
      number(end, LONGEST);
    }
  }

  function message(end: number, desc: DescMessage): void {
    if (++messages > MAX_MESSAGES) {
      throw new Error(`more than ${MAX_MESSAGES} messages`);
    }
    const expected = expectations(desc);
    while (at < end) {
      const start = at;
      const tag = number(end, LONGEST_HEAD);
      const field = Math.floor(tag / 8);
      const wireType = tag % 8;
      count();
      const want = expected.get(field);
      const isPacked = want?.packable === true && wireType === LENGTH;
      if (field < 1 || field >= 2 ** 29 || (want !== undefined && want.wireType !== wireType && !isPacked)) {
        throw new Error(`${desc.name} has no field ${field} of wire type ${wireType} (byte ${start})`);
      }
      if (wireType === VARINT) {
        number(end, LONGEST);
        continue;
      }
      if (wireType !== LENGTH && wireType !== EIGHT && wireType !== FOUR) {
        throw new Error(`unknown wire type ${wireType} (byte ${start})`);
      }
      const size = wireType === LENGTH ? number(end, LONGEST_HEAD) : wireType === EIGHT ? 8 : 4;
      if (size > end - at) {
        throw new Error(`field ${field} of ${desc.name} goes on behind its end (byte ${start})`);
      }
      const last = at + size;
      if (want?.inner !== undefined) {
        message(last, want.inner);
      } else if (isPacked) {
        packed(last, want.wireType);
      }
      at = last;
    }
  }

  message(body.length, schema);
}
