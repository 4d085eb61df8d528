import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CorruptBlobError, unpack } from "#src/data/blob";
import { Modality, ProbeBlobSchema } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { decodeSegments, hasSegments } from "#src/data/segments";

const GOLDEN = new URL("../../../tests/golden/", import.meta.url);
const PROBE = unpack(new Uint8Array(readFileSync(new URL("probe_text.bin", GOLDEN))), ProbeBlobSchema);

test("ids that Python wrote are read, example by example", async () => {
  const wanted = JSON.parse(readFileSync(new URL("probe_text.json", GOLDEN), "utf8")).probe.segments[0];
  const segments = await decodeSegments(PROBE, 0);
  expect(segments.shape).toEqual(wanted.shape);
  expect([0, 1].flatMap((example) => [...segments.ids(example)])).toEqual(wanted.ids);
});

test("segments that no view can draw, or that there are none of, are left", () => {
  expect(hasSegments(PROBE, 0, Modality.TEXT)).toBe(true);
  expect(hasSegments(PROBE, 0, Modality.IMAGE)).toBe(false);
  expect(hasSegments(PROBE, 1, Modality.TEXT)).toBe(false);
});

test("a shape that does not fit the bytes, or that no page can show, is refused", async () => {
  const claiming = (shape: number[]) => ({ ...PROBE, segments: [{ ...PROBE.segments[0]!, shape }] });
  await expect(decodeSegments(claiming([5]), 0)).rejects.toThrow(CorruptBlobError);
  await expect(decodeSegments(claiming([2 ** 31, 2 ** 31]), 0)).rejects.toThrow("more than a page can show");
  await expect(decodeSegments(claiming(Array(40).fill(2 ** 31)), 0)).rejects.toThrow("more than a page can show");
});
