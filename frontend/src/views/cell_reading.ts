import { groupOf, reading } from "#src/views/reading";
import type { Frame, Look, Reading } from "#src/views/view";

/** What there is to read of one value of a map, between lines on what it is of. */
export function cellReading(
  frame: Frame,
  cell: number,
  look: Look,
  before: readonly string[],
  after: readonly string[],
): Reading {
  const error = frame.errors && { value: frame.errors.values[cell] ?? Number.NaN, words: frame.errors.words };
  const value = frame.values[cell] ?? Number.NaN;
  const read =
    frame.wording?.read(cell, look) ??
    reading({ value, bound: frame.bound(cell), ...groupOf(frame, cell), error }, look);
  return { value: read.value, lines: [...before, ...read.lines, ...after] };
}
