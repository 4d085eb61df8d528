import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Paced } from "#src/data/paced";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function paced() {
  const passed: number[] = [];
  return { passed, one: new Paced<number>((value) => passed.push(value), 200) };
}

test("the first is passed on at once, the last after the pause, and those between never", () => {
  const { passed, one } = paced();
  one.tell(1);
  one.tell(2);
  one.tell(3);
  expect(passed).toEqual([1]);
  vi.advanceTimersByTime(199);
  expect(passed).toEqual([1]);
  vi.advanceTimersByTime(1);
  expect(passed).toEqual([1, 3]);
});

test("a pause follows the last one too, and after it there is no waiting", () => {
  const { passed, one } = paced();
  one.tell(1);
  one.tell(2);
  vi.advanceTimersByTime(200);
  one.tell(3);
  expect(passed).toEqual([1, 2]);
  vi.advanceTimersByTime(200);
  expect(passed).toEqual([1, 2, 3]);
  vi.advanceTimersByTime(200);
  one.tell(4);
  expect(passed).toEqual([1, 2, 3, 4]);
});

test("who needs it now has it now, once", () => {
  const { passed, one } = paced();
  one.tell(1);
  one.tell(2);
  one.flush();
  expect(passed).toEqual([1, 2]);
  vi.advanceTimersByTime(1000);
  expect(passed).toEqual([1, 2]);
});
