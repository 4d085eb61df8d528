import { expect, test } from "vitest";
import type { Followed } from "#src/state/followed";
import { sparkWords } from "#src/widgets/sparkline";
import { indexOf } from "../state/index_fixture";

const RUN = indexOf({ a: [{ tag: "ig" }] }).runs[0]!;
const LINE: Followed = { run: RUN, kind: "probability", target: 1, steps: [0, 10, 20], values: [0.12, 0.5, 0.81] };
const PROBE = { classNames: ["dog", "cat"] };

test("what a line says: its ends, and the step on screen or the one before it", () => {
  expect(sparkWords(LINE, PROBE, 15)).toBe("p(cat) in a: .12 at step 0, .81 at step 20; .50 at step 10");
  expect(sparkWords({ ...LINE, target: Number.NaN }, PROBE, -1)).toBe("p(target) in a: .12 at step 0, .81 at step 20");
  expect(sparkWords({ ...LINE, values: [Number.NaN, 0.5, Number.NaN] }, PROBE, 0)).toBe(
    "p(cat) in a: .50 at step 10, .50 at step 10",
  );
});

test("a regression predicts a value", () => {
  expect(sparkWords({ ...LINE, kind: "value", values: [2, 2.5, 3] }, PROBE, 20)).toBe(
    "predicts in a: 2.00 at step 0, 3.00 at step 20; 3.00 at step 20",
  );
});
