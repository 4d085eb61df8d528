import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeMapBlob, type StoredMaps } from "#src/data/maps";

async function golden(name: string): Promise<StoredMaps> {
  const file = new URL(`../../../tests/golden/${name}.bin`, import.meta.url);
  const [maps] = await decodeMapBlob(new Uint8Array(readFileSync(file)), 1);
  return maps!;
}

test.each(["atlas_int8", "atlas_float16"])(
  "what Python wrote as %s lies within its bounds of what it was",
  async (name) => {
    const [stored, exact] = [await golden(name), await golden("atlas_float32")];
    let widest = 0;
    for (let map = 0; map < stored.count; map++) {
      const truth = exact.values(map);
      const [bounds, none] = [stored.bounds(map), exact.bounds(map)];
      stored.values(map).forEach((value, cell) => {
        const bound = bounds(cell);
        const off = Math.abs(value - truth[cell]!);
        expect(off).toBeLessThanOrEqual(bound * (1 + 1e-6));
        expect(none(cell)).toBe(0);
        widest = Math.max(widest, off / bound);
      });
    }
    expect(widest).toBeGreaterThan(0.9);
  },
);

test("a map of nothing but zeros was not rounded, whatever its rule", async () => {
  const odd = await golden("odd_int8");
  expect([...odd.values(0)]).toEqual([0, 0, 0, 0]);
  expect(odd.bounds(0)(2)).toBe(0);
  expect(odd.bounds(1)(0)).toBeNaN();
});
