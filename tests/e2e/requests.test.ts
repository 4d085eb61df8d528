import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, open, settled, showCells } from "./browser";
import { knownMap, SIDE } from "./known";
import { cellColours, colourOf, histogram, percentileOf, tile } from "./pixels";
import { python, type TensorBoard, temporaryDirectory, tensorboard } from "./tensorboard";

const STEPS = 60;
const RUNS = [0, 1, 2, 3, 4];
const EXAMPLES = [0, 1, 2];
const EVERYTHING = `&p.attribution.runs=${encodeURIComponent(
  RUNS.map((run) => encodeURIComponent(`sweep/${run}/attribution`)).join(),
)}&p.attribution.method=a%2Cb%2Cc`;
const logs = temporaryDirectory();
let browser: Browser;

/** As `sweep` of write_logs.py has it. */
const map = (step: number, run: number, example: number) => knownMap(step + run, example);

/** The plugin's address that was asked; nothing for those of TensorBoard. */
function route(url: string): string[] | undefined {
  return /plugin\/attribution\/(\w+)/.exec(url)?.slice(1);
}

beforeAll(async () => {
  python("write_logs.py", "sweep", logs.path);
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  logs.remove();
});

describe.each([["true"], ["false"]])("3 methods x 5 runs, --load_fast=%s", (fast) => {
  let server: TensorBoard;
  beforeAll(async () => {
    server = await tensorboard(logs.path, `--load_fast=${fast}`);
  });
  afterAll(async () => {
    await server?.stop();
  });

  test("all series come together: at most two requests for a step, whether it was fetched ahead or not", async () => {
    const { page, frame, complaints } = await open(browser, server.url, EVERYTHING);
    expect(await frame.locator(".head-method").count()).toBe(15);
    const opening = (await frame.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name)))
      .flatMap((url) => route(url) ?? [])
      .filter((one) => one !== "input")
      .sort();
    // Numbers come method by method.
    const numbers = ["histograms", "stats"].flatMap((one) => [one, one, one]);
    expect(opening).toEqual(["index", "maps", "maps", "probe", "scalars", "static", ...numbers].sort());

    const asked: string[] = [];
    page.on("request", (request) => asked.push(...(route(request.url()) ?? [])));
    const slider = frame.getByRole("slider", { name: "Step", exact: true });
    const goTo = async (step: number) => {
      asked.length = 0;
      await slider.fill(String(step));
      await settled(frame);
      return [...asked];
    };
    expect(await goTo(STEPS - 2)).toEqual(["maps"]); // here already; the next one ahead is asked for
    expect(await goTo(10)).toEqual(["maps", "maps"]); // the step, and what lies around it

    await showCells({ page, frame, complaints });
    const everything = RUNS.flatMap((run) =>
      Array.from({ length: STEPS }, (_, step) => EXAMPLES.flatMap((example) => map(step, run, example).flat())).flat(),
    );
    const vmax = percentileOf(histogram(everything), 0.99);
    for (const run of [0, 3]) {
      const picture = tile(frame, 1, run).locator(".picture");
      await picture.scrollIntoViewIfNeeded();
      const seen = await cellColours(page, picture, SIDE, SIDE);
      expect(seen).toEqual(map(10, run, 1).map((row) => row.map((value) => colourOf(value, vmax))));
    }
    expect(complaints).toEqual([]);
    await page.close();
  });
});
