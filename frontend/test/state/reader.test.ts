import { expect, test } from "vitest";
import type { Spot } from "#src/math/spot";
import { Reader } from "#src/state/reader";

const PLACE = { hash: "h", example: 2 };

/** A map of ten tokens. */
function step(from: Spot | undefined, right: number, down: number): Spot {
  return { on: "row", row: (from?.on === "row" ? from.row : 0) + right + 10 * down, along: 0 };
}

function readerOf(...columns: string[]) {
  const reader = new Reader();
  const forget = columns.map((source, order) => reader.add({ ...PLACE, input: 0, source, order, step }));
  return { reader, forget };
}

test("keys begin with the first map of the row and go round through its maps, at the same spot", () => {
  const { reader } = readerOf("a", "b");
  reader.add({ ...PLACE, example: 3, input: 0, source: "other row", order: -1, step });
  const read = () => {
    const { source, spot } = reader.cursor.value!;
    return [source, spot.on === "row" ? spot.row : -1];
  };
  expect(reader.move(1, 0)).toBe(false);
  reader.enter(PLACE);
  expect(read()).toEqual(["a", 0]);
  expect(reader.move(3, 1)).toBe(true);
  reader.enter(PLACE);
  expect(read()).toEqual(["b", 13]);
  reader.enter(PLACE);
  expect(read()).toEqual(["a", 13]);
  expect(reader.leave()).toBe(true);
  expect(reader.cursor.value).toBeUndefined();
  expect(reader.leave()).toBe(false);
});

test("what a pointer reads is no matter of keys", () => {
  const { reader } = readerOf("a");
  reader.cursor.value = { ...PLACE, input: 0, source: "a", spot: step(undefined, 4, 0), byKeys: false };
  expect([reader.move(1, 0), reader.leave()]).toEqual([false, false]);
  expect(reader.cursor.value.spot).toEqual({ on: "row", row: 4, along: 0 });
});

test("a map that goes away is not read any more", () => {
  const { reader, forget } = readerOf("a");
  reader.enter(PLACE);
  forget[0]!();
  expect(reader.cursor.value).toBeUndefined();
  reader.enter(PLACE);
  expect(reader.cursor.value).toBeUndefined();
});
