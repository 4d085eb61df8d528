import { expect, test } from "vitest";
import { tile } from "./pixels";
import { stage } from "./stage";

const on = stage(["layers"]);
const run = (name: string) => encodeURIComponent(`${name}/attribution`);
const RUNS = `&p.attribution.runs=${encodeURIComponent(["narrow", "twice", "wide"].map(run).join())}`;
const side = (name: string, method: string) => [run(name), method].join();

/** What the tile of a picture and the bars of units are wide. CSS pixels. */
const WIDTHS = { saliency: 144, conductance: 340 };

test("bars of two layers: all units of each count, the most important at the last step first, and heads say so", async () => {
  const { frame, complaints } = await on.open(`${RUNS}&p.attribution.step=0`);
  const heads = await frame.locator(".head").allInnerTexts();
  const names = (column: number) => tile(frame, 0, column).locator(".feature").allInnerTexts();
  for (const [column, units] of [16, 64, 64].entries()) {
    const first = units === 16 ? "narrow" : "twice";
    expect(await names(column)).toEqual(Array.from({ length: 14 }, (_, place) => `unit ${units - 1 - place}`));
    expect(await tile(frame, 0, column).locator(".rest").innerText()).toContain(`${units - 14} more units, sum +`);
    expect(heads[column]).toContain(`sorted by mean |score| at step 59 of conductance in ${first}`);
  }
  expect(heads.slice(3).join()).not.toContain("sorted");
  expect(complaints).toEqual([]);
});

test.each(Object.entries(WIDTHS))("B − A of %s is as wide as A", async (method, width) => {
  const sides = encodeURIComponent([side("wide", method), side("twice", method)].join(":"));
  const { frame } = await on.open(`${RUNS}&p.attribution.difference=${sides}`);
  const widths = (part: string) =>
    frame.locator(part).evaluateAll((all) => all.slice(0, 7).map((one) => one.getBoundingClientRect().width));
  const columns = [...Array(3).fill(WIDTHS.conductance), ...Array(3).fill(WIDTHS.saliency), width];
  expect(await widths(".heads .head")).toEqual(columns);
  expect(await widths('.virtual-row[data-index="0"] .cell')).toEqual(columns);
});
