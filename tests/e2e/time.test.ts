import type { Frame } from "playwright-core";
import { expect, test } from "vitest";
import { settled } from "./browser";
import { tile } from "./pixels";
import { stage } from "./stage";

const on = stage(["sweep", "curves", "others"]); // `others` gives TensorBoard a second tab
const STEPS = 60;

function runs(...names: string[]): string {
  return `&p.attribution.runs=${encodeURIComponent(names.map((name) => encodeURIComponent(`${name}/attribution`)).join())}`;
}

const LONG = `${runs("sweep/0")}&p.attribution.method=a`;

interface Watched {
  seen: { step: number; at: number }[];
}

/** Notes each step that the slider comes to, and when. */
async function watch(frame: Frame): Promise<() => Promise<Watched["seen"]>> {
  await frame.evaluate(() => {
    const slider = document.querySelector<HTMLInputElement>(".step-slider")!;
    const seen: Watched["seen"] = [];
    Object.assign(globalThis, { seen });
    const note = () => seen.push({ step: Number(/\d+/.exec(slider.ariaValueText!)?.[0]), at: performance.now() });
    new MutationObserver(note).observe(slider, { attributeFilter: ["aria-valuetext"] });
  });
  return () => frame.evaluate(() => (globalThis as unknown as Watched).seen);
}

const upTo = (last: number, from = 0) => Array.from({ length: last - from + 1 }, (_, at) => from + at);

test("play begins again at the end, shows every step, no more than 10 a second, and stops at the last", async () => {
  const { page, frame, complaints } = await on.open(LONG);
  const seen = await watch(frame);
  await page.keyboard.press("k");
  await frame.getByRole("button", { name: "Pause" }).waitFor();
  await frame.getByRole("button", { name: "Play" }).waitFor();
  const all = await seen();
  expect(all.map(({ step }) => step)).toEqual(upTo(STEPS - 1));
  // A timer never comes early, however slow the machine; what it measures is rounded.
  expect(Math.min(...all.slice(1).map(({ at }, before) => at - all[before]!.at))).toBeGreaterThanOrEqual(99);
  expect(await frame.getByText("follows the latest").count()).toBe(1);
  expect(complaints).toEqual([]);
});

test("play waits for maps that are on their way", async () => {
  const { page, frame } = await on.open(LONG);
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  await page.route(/attribution\/maps/, async (route) => {
    const steps = new URL(route.request().url()).searchParams.getAll("steps").join().split(",");
    if (steps.includes("10")) {
      await held; // comes with the steps around it
    }
    await route.continue();
  });
  await page.keyboard.press("Home");
  await frame.locator(".tile:not(.busy) .picture").first().waitFor();
  const seen = await watch(frame);
  await frame.getByRole("button", { name: "Play" }).click();
  await frame.locator(".tile.busy").first().waitFor();
  await page.waitForTimeout(500); // time for five steps
  expect((await seen()).map(({ step }) => step)).toEqual([1]);
  expect(await frame.getByRole("button", { name: "Pause" }).count()).toBe(1);
  release();
  await frame.getByRole("button", { name: "Play" }).waitFor();
  expect((await seen()).map(({ step }) => step)).toEqual(upTo(STEPS - 1, 1));
});

test("a person who moves the slider takes over; who leaves the tab finds it paused", async () => {
  const { page, frame } = await on.open(`${LONG}&p.attribution.step=3`);
  const paused = frame.getByRole("button", { name: "Play" });
  await page.keyboard.press("k");
  await frame.getByRole("button", { name: "Pause" }).waitFor();
  await frame.getByRole("slider", { name: "Step", exact: true }).fill("40");
  await paused.waitFor();
  await page.waitForTimeout(300);
  expect(await frame.getByRole("spinbutton", { name: "step" }).inputValue()).toBe("40");
  await page.keyboard.press("k"); // the focus is on the slider now
  await frame.getByRole("button", { name: "Pause" }).waitFor();
  const tab = (name: RegExp) => page.locator(".plugin-name, [role=tab]", { hasText: name }).first();
  await tab(/scalars|time series/i).click();
  await expect.poll(() => frame.evaluate(() => innerHeight)).toBe(0);
  await tab(/attribution/i).click();
  await paused.waitFor();
});

test("for who asked for less motion it plays one step a second, and says so", async () => {
  const { page, frame } = await on.open(`${LONG}&p.attribution.step=${STEPS - 3}`);
  await page.emulateMedia({ reducedMotion: "reduce" });
  const seen = await watch(frame);
  await page.keyboard.press("k");
  await frame.getByText("one step a second, as your system asks for less motion").waitFor();
  await frame.getByRole("button", { name: "Play" }).waitFor();
  const [first, second] = await seen();
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(999);
});

test("a run without the step holds its earlier map, dimmed and badged, beside one that has it", async () => {
  const link = `${runs("curves/0", "curves/1")}&p.attribution.step=30`;
  const { page, frame } = await on.open(link);
  const [has, lacks] = [tile(frame, 0, 0), tile(frame, 0, 1)];
  expect(await has.locator(".badge").count()).toBe(0);
  expect(await lacks.locator(".badge").innerText()).toBe("still step 20");
  const opacity = (one: typeof has) => one.locator(".picture").evaluate((picture) => getComputedStyle(picture).opacity);
  expect([await opacity(has), await opacity(lacks)]).toEqual(["1", "0.5"]);
  await page.keyboard.press("ArrowRight");
  await settled(frame);
  expect([await opacity(lacks), await lacks.locator(".badge").count()]).toEqual(["1", 0]);
  const slider = frame.getByRole("slider", { name: "Step", exact: true });
  expect(await slider.getAttribute("aria-valuetext")).toBe("step 40, epoch 3, 5 of 11");
  expect(await frame.locator(".step-words").innerText()).toBe("epoch 3 · 5 / 11 · 11 of 11 steps stored");
});

test("a sparkline per example says p(target) of each run over the steps, without a request more", async () => {
  const link = `${runs("curves/0", "curves/1")}&p.attribution.step=50`;
  const { page, frame } = await on.open(link);
  const row = frame.locator(".row").first();
  const words = () => row.locator(".spark").getAttribute("aria-label");
  const [own, other] = [
    "p(disc) in curves/0: .34 at step 0, .99 at step 100",
    "p(disc) in curves/1: .34 at step 0, .67",
  ];
  expect(await words()).toContain(`${own}; .67 at step 50. ${other}`);
  expect(await row.locator(".followed").innerText()).toMatch(/^p\s+\.34\s+\.99$/);
  // The mark stands where the thumb does: step 50 is the sixth of eleven.
  const middle = (part: string) =>
    row.locator(part).evaluate((path) => {
      const { x, width } = path.getBoundingClientRect();
      return x + width / 2;
    });
  expect(await middle(".spark .now")).toBeCloseTo(await middle(".spark path.first"), 0);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.keyboard.press("Home");
  await expect.poll(words).toContain(`${own}; .34 at step 0. ${other}`);
  expect(asked.filter((url) => /attribution\/(stats|scalars)/.test(url))).toEqual([]);
});
