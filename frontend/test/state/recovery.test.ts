import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { IndexSchema, type Run, RunSchema } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { holds } from "#src/state/recovery";

function run(name: string, steps: number[]): Run {
  return create(RunSchema, { run: name, series: [{ maps: { tag: "saliency" }, steps }] });
}

test("a server that has just started is back once it has read what is on screen", () => {
  const shown = [run("a", [0, 10])];
  const index = (...runs: Run[]) => create(IndexSchema, { runs });
  expect(holds(index(), shown)).toBe(false);
  expect(holds(index(run("b", [0, 10])), shown)).toBe(false);
  expect(holds(index(run("a", [0])), shown)).toBe(false);
  expect(holds(index(run("b", []), run("a", [0, 10, 20])), shown)).toBe(true);
  expect(holds(index(), [])).toBe(true);
});
