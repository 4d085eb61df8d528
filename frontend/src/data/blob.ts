import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { crc32 } from "#src/data/crc32";
import { checkFields } from "#src/data/fields";

const MAGIC = "TBA1";
const HEADER = 8;

/** A stored blob is not what a writer wrote: wrong magic, checksum, message or payload. */
export class CorruptBlobError extends Error {
  override name = "CorruptBlobError";
}

/**
 * Reads the message out of an enveloped blob (docs/wire.md).
 *
 * @throws CorruptBlobError saying what is wrong with the bytes.
 */
export function unpack<T extends DescMessage>(blob: Uint8Array, schema: T): MessageShape<T> {
  const magic = String.fromCharCode(...blob.subarray(0, MAGIC.length));
  if (blob.length < HEADER || magic !== MAGIC) {
    throw new CorruptBlobError(`blob of ${blob.length} bytes does not start with ${MAGIC}`);
  }
  const body = blob.subarray(HEADER);
  const expected = new DataView(blob.buffer, blob.byteOffset).getUint32(MAGIC.length, true);
  if (crc32(body) !== expected) {
    throw new CorruptBlobError(`checksum of a blob of ${blob.length} bytes is wrong`);
  }
  return parse(body, schema);
}

/** Numbers of a message, in memory of their own. */
export function float32(bytes: Uint8Array): Float32Array {
  const whole = bytes.length - (bytes.length % Float32Array.BYTES_PER_ELEMENT);
  return new Float32Array(bytes.slice(0, whole).buffer);
}

/**
 * Reads a message that has no envelope.
 *
 * @throws CorruptBlobError when the bytes are no such message; see checkFields.
 */
export function parse<T extends DescMessage>(body: Uint8Array, schema: T): MessageShape<T> {
  try {
    checkFields(body, schema);
    return fromBinary(schema, body, { readUnknownFields: false });
  } catch (error) {
    throw new CorruptBlobError(`${body.length} bytes hold no ${schema.name}: ${String(error)}`);
  }
}

/** Bytes of a payload given to the decompressor at a time, which it inflates whole: to 16 MB at most. */
const BITE = 2 ** 14;

async function feed(writable: WritableStream<BufferSource>, payload: Uint8Array): Promise<void> {
  const writer = writable.getWriter();
  for (let at = 0; at < payload.length; at += BITE) {
    await writer.write(payload.slice(at, at + BITE));
  }
  await writer.close();
}

/**
 * Decompresses a payload that must hold exactly `size` bytes. Stops reading, and keeps at most one chunk
 * more than `size`, whatever the payload would inflate to.
 *
 * @throws CorruptBlobError
 */
export async function inflate(payload: Uint8Array, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const { writable, readable } = new DecompressionStream("deflate");
  const reader = readable.getReader();
  feed(writable, payload).catch(() => undefined); // the reader fails with it, or has what it wants
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        break;
      }
      chunks.push(value);
      length += value.length;
      if (length > size) {
        break;
      }
    }
  } catch {
    throw new CorruptBlobError("payload does not inflate"); // the browser's words are about its streams
  } finally {
    // Ends the decompressor of a payload that claims too much; the stream may be in error already.
    await reader.cancel().catch(() => undefined);
  }
  if (length !== size) {
    const found = length < size ? `${length}` : `more than ${size}`;
    throw new CorruptBlobError(`payload inflates to ${found} bytes, expected ${size}`);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
