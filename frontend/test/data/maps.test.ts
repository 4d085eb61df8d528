import { deflateSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { crc32 } from "#src/data/crc32";
import { Code, MapBlobSchema } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { decodeMapBlob } from "#src/data/maps";

const LARGEST = 2 ** 32 - 1;

interface Claim {
  readonly shape: number[];
  readonly count?: number;
  readonly input?: number;
  readonly layer?: number;
  readonly thumbnail?: boolean;
  /** Bytes of the payload, all zeros. */
  readonly size: number;
}

/** An element of float32 parts, with its envelope. */
function blobOf(...claims: Claim[]): Uint8Array {
  const parts = claims.map(({ size, ...claim }) => ({
    count: 1,
    ...claim,
    code: Code.FLOAT32,
    payload: new Uint8Array(deflateSync(new Uint8Array(size))),
  }));
  const body = toBinary(MapBlobSchema, create(MapBlobSchema, { parts }));
  const blob = new Uint8Array(8 + body.length);
  blob.set(new TextEncoder().encode("TBA1"));
  new DataView(blob.buffer).setUint32(4, crc32(body), true);
  blob.set(body, 8);
  return blob;
}

test("sizes whose product is no number are refused before anything is inflated", async () => {
  const blob = blobOf({ shape: [...Array(40).fill(LARGEST), 0], size: 1000 });
  await expect(decodeMapBlob(blob, 1)).rejects.toThrow("maps with 41 axes; a map has at most 8");
  const short = blobOf({ shape: [...Array(7).fill(LARGEST), 0], size: 1000 });
  await expect(decodeMapBlob(short, 1)).rejects.toThrow("hold more than a page can show");
});

test("a side of 0 does not hide the others, nor the number of maps", async () => {
  await expect(decodeMapBlob(blobOf({ shape: [0, LARGEST], size: 0 }), 1)).rejects.toThrow("more than a page can show");
  await expect(decodeMapBlob(blobOf({ shape: [0], count: LARGEST, size: 0 }), 1)).rejects.toThrow("4294967295 maps");
  const [empty] = await decodeMapBlob(blobOf({ shape: [0], count: 3, size: 0 }), 1);
  expect([empty?.count, empty?.values(2).length]).toEqual([3, 0]);
});

test("the limit is that of the whole blob, and checked before any part is inflated", async () => {
  // Each part is within its own limit; their payloads are wrong, which nobody may find out.
  const claims = [0, 1, 2].map((layer) => ({ shape: [2 ** 11, 2 ** 11], count: 8, layer, size: 4 }));
  await expect(decodeMapBlob(blobOf(...claims), 1)).rejects.toThrow(
    "blob inflates to 402653184 bytes; a page shows at most 268435456 at once",
  );
});

test("a part is there once, and no more parts than the series can have", async () => {
  const one = { shape: [2], size: 8 };
  await expect(decodeMapBlob(blobOf(one, one), 1)).rejects.toThrow("blob holds layer 0 of input 0 twice");
  expect(await decodeMapBlob(blobOf(one, { ...one, thumbnail: true }, { ...one, input: 1 }), 2)).toHaveLength(3);
  const many = Array.from({ length: 7 }, (_, input) => ({ ...one, input }));
  await expect(decodeMapBlob(blobOf(...many), 1)).rejects.toThrow(
    "blob of 7 parts; a series of 1 inputs has at most 6",
  );
});
