/** Seeded mutations of the golden files; tests/golden/mutants.py says what they are, byte for byte. */

import { crc32 } from "#src/data/crc32";

const MAGIC = [0x54, 0x42, 0x41, 0x31];
export const HEADER = 8;
const SETS = [0x00, 0xff, 0x7f, 0x80];
const NUMBERS = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
];

/** mulberry32. */
class Random {
  constructor(private state: number) {}

  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }

  place(size: number): number {
    return this.below(2) ? this.below(size) : this.below(Math.min(size, 48));
  }
}

function joined(...pieces: ArrayLike<number>[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function put(data: Uint8Array, at: number, byte: number): Uint8Array {
  const bytes = data.slice();
  bytes[at] = byte;
  return bytes;
}

function swap(data: Uint8Array, at: number, random: Random): Uint8Array {
  const bytes = data.slice();
  const other = random.place(data.length);
  const length = Math.min(1 + random.below(8), data.length - Math.max(at, other));
  for (let i = 0; i < length; i++) {
    [bytes[at + i], bytes[other + i]] = [bytes[other + i]!, bytes[at + i]!];
  }
  return bytes;
}

function change(data: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  const kind = data.length > 0 ? random.below(18) : 12;
  const at = data.length > 0 ? random.place(data.length) : 0;
  const head = data.subarray(0, at);
  if (kind < 4) {
    return put(data, at, data[at]! ^ (1 << random.below(8)));
  }
  if (kind < 7) {
    return put(data, at, SETS[random.below(4)]!);
  }
  if (kind < 10) {
    return put(data, at, random.below(16));
  }
  if (kind < 11) {
    return swap(data, at, random);
  }
  if (kind < 12) {
    return head;
  }
  if (kind < 13) {
    const length = 1 + random.below(8);
    return joined(
      head,
      Uint8Array.from({ length }, () => random.below(256)),
      data.subarray(at),
    );
  }
  if (kind < 14) {
    return joined(data.subarray(0, at + 1 + random.below(16)), data.subarray(at));
  }
  if (kind < 15) {
    return joined(head, data.subarray(at + 1 + random.below(16)));
  }
  if (kind < 16) {
    return joined(head, NUMBERS[random.below(2)]!, data.subarray(at + 1));
  }
  const other = others[random.below(others.length)]!;
  return joined(head, other.subarray(random.below(other.length + 1)));
}

function changed(data: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = data;
  for (let left = 1 + random.below(3); left > 0; left--) {
    bytes = change(bytes, others, random);
  }
  return bytes;
}

/** The mutants 0 .. number - 1 of the golden file `name`. */
export function* mutants(
  name: string,
  data: Uint8Array,
  others: readonly Uint8Array[],
  number: number,
): Generator<Uint8Array> {
  const seed = crc32(new TextEncoder().encode(name));
  const magic = MAGIC.every((byte, i) => data[i] === byte);
  const enveloped = data.length >= HEADER && (magic || name.startsWith("corrupt"));
  for (let k = 0; k < number; k++) {
    const random = new Random((seed + Math.imul(k, 0x9e3779b9)) | 0);
    if (enveloped && random.below(8)) {
      const body = changed(data.subarray(HEADER), others, random);
      const checksum = new DataView(new ArrayBuffer(4));
      checksum.setUint32(0, crc32(body), true);
      yield joined(MAGIC, new Uint8Array(checksum.buffer), body);
    } else {
      yield changed(data, others, random).slice();
    }
  }
}
