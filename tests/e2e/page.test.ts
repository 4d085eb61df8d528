import { expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { open, settled, showCells } from "./browser";
import { knownMap, SIDE } from "./known";
import { cellColours, colourOf, histogram, percentileOf, tile } from "./pixels";
import { stage } from "./stage";

const EXAMPLES = 3;
const HOSTILE = `<img src=x onerror="parent.hacked=1">&amp;"'</script>`;
const on = stage(["page"]);

function runs(name: string): string {
  return `&p.attribution.runs=${encodeURIComponent(encodeURIComponent(`${name}/attribution`))}`;
}

test("every example of a map that is known by formula has the colours of its values", async () => {
  const opened = await on.open(`${runs("known")}&p.attribution.step=10`);
  await showCells(opened);
  const all = [0, 10, 20].flatMap((step) => [0, 1, 2].flatMap((example) => knownMap(step, example).flat()));
  const vmax = percentileOf(histogram(all), 0.99);
  for (let example = 0; example < EXAMPLES; example++) {
    const picture = tile(opened.frame, example).locator(".picture");
    await picture.scrollIntoViewIfNeeded();
    const seen = await cellColours(opened.page, picture, SIDE, SIDE);
    expect(seen).toEqual(knownMap(10, example).map((row) => row.map((value) => colourOf(value, vmax))));
  }
  expect(opened.complaints).toEqual([]);
});

test("a film strip shows the same example at its steps, on one scale", async () => {
  const opened = await on.open(`${runs("known")}&p.attribution.across=steps`);
  await showCells(opened);
  const steps = [0, 10, 20];
  expect(await opened.frame.locator(".head-step").allInnerTexts()).toEqual(
    steps.map((step) => `step ${step}, epoch ${step / 10 + 1}`),
  );
  const all = steps.flatMap((step) => [0, 1, 2].flatMap((example) => knownMap(step, example).flat()));
  const vmax = percentileOf(histogram(all), 0.99);
  for (const [column, step] of steps.entries()) {
    const picture = tile(opened.frame, 1, column).locator(".picture");
    const seen = await cellColours(opened.page, picture, SIDE, SIDE);
    expect(seen).toEqual(knownMap(step, 1).map((row) => row.map((value) => colourOf(value, vmax))));
  }
  await opened.page.keyboard.press("ArrowLeft");
  await opened.frame.locator(".head-step").nth(2).waitFor({ state: "detached" });
  expect(await opened.frame.locator(".head-step").allInnerTexts()).toEqual(["step 0, epoch 1", "step 10, epoch 2"]);
  expect(opened.complaints).toEqual([]);
});

test("a pointer over a cell reads the stored value, the caption the outcome", async () => {
  const { page, frame } = await on.open(`${runs("known")}&p.attribution.step=20`);
  const box = await tile(frame, 1).locator(".picture").boundingBox();
  const cell = (box?.width ?? 0) / SIDE;
  await page.mouse.move((box?.x ?? 0) + 2.5 * cell, (box?.y ?? 0) + 5.5 * cell);
  const value = knownMap(20, 1)[5]?.[2];
  expect(value).toBeCloseTo((21 * 3) / 64 + 1 / 16, 6);
  expect(await frame.locator(".tip").innerText()).toContain(`+${value?.toPrecision(4)}`);
  expect(await frame.locator(".tip").innerText()).toContain("row 5, column 2 of 8 × 8");
  expect(await tile(frame, 1).locator(".caption").innerText()).toContain("→ ring .99");
});

test("keys move the step without a click, the host's address keeps it, and a cold load of that address shows it", async () => {
  const { page, frame } = await on.open(runs("known"));
  const words = frame.locator(".step-words");
  expect(await words.innerText()).toContain("3 / 3 · 3 of 3 steps stored");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  expect(await words.innerText()).toContain("2 / 3 · 3 of 3 steps stored");
  await expect.poll(() => page.url()).toContain("&p.attribution.step=10");
  const link = new URL(page.url()).hash.replace("#attribution", "");
  const again = await open(on.browser, on.server.url, link);
  expect(await again.frame.getByRole("spinbutton", { name: "step" }).inputValue()).toBe("10");
  const slider = again.frame.getByRole("slider", { name: "Step", exact: true });
  expect(await slider.getAttribute("aria-valuetext")).toBe("step 10, epoch 2, 2 of 3");
  const entry = again.frame.getByRole("spinbutton", { name: "step" });
  await entry.fill("17");
  await entry.press("Enter");
  expect(await entry.inputValue()).toBe("20");
  await again.page.close();
});

test("a value of the link that cannot be meant is reported", async () => {
  const { frame } = await on.open("&p.attribution.step=soon&p.attribution.runs=nobody");
  const notices = await frame.locator(".notices").innerText();
  expect(notices).toContain("The link's step=soon was ignored: a step is a number.");
  expect(notices).toContain("There is no run nobody with attributions in this log directory.");
});

test("names with markup are text and run nothing", async () => {
  const hostile = encodeURIComponent(encodeURIComponent("<b>run<b>/<i>x<i>"));
  const { page, frame, complaints } = await on.open(`&p.attribution.runs=${hostile}`);
  expect(await frame.locator(".head-method").first().innerText()).toBe(HOSTILE);
  expect(await frame.locator(".example-name").first().innerText()).toContain(HOSTILE);
  expect(await frame.locator(".run-name", { hasText: "<i>x<i>" }).count()).toBe(1);
  const made = "#tb-attribution :is(script, b, i, img:not(.original, .base))";
  expect(await frame.locator(made).count()).toBe(0);
  expect(await page.evaluate(() => "hacked" in window)).toBe(false);
  expect(complaints).toEqual([]);
});

test("zero, partly finite and not finite maps have words and a hatch", async () => {
  const opened = await on.open(runs("odd"));
  const words = async (row: number) => {
    const found = tile(opened.frame, row).locator(".tile-words");
    await tile(opened.frame, row).scrollIntoViewIfNeeded();
    return (await found.count()) === 0 ? "" : found.innerText();
  };
  expect([await words(0), await words(1), await words(2), await words(3)]).toEqual([
    "",
    "all scores are 0",
    "32 of 64 scores not finite",
    "no finite score",
  ]);
});

test("a map without a finite score says no magnitude, one of zeros says that it is 0", async () => {
  const opened = await on.open(`${runs("odd")}&p.attribution.scope=image`);
  const magnitudes = (row: number) => tile(opened.frame, row).locator(".magnitude").allInnerTexts();
  await opened.page.setViewportSize({ width: 1280, height: 1200 });
  expect([await magnitudes(1), await magnitudes(3)]).toEqual([["P99 0, 0%"], []]);
});

test("maps of moving statistics that lag have a badge, which says both accuracies on hover and on focus", async () => {
  const { page, frame, complaints } = await on.open(`${runs("warming")}&p.attribution.step=0`);
  const badge = frame.getByRole("button", { name: "BatchNorm not warm" });
  const tip = frame.locator(".tip");
  const words = "at step 0: 25% (1 of 4) with BatchNorm's moving statistics, 100% (4 of 4) with the debiased ones";
  await badge.hover();
  await tip.waitFor();
  expect(await tip.innerText()).toContain(words);
  expect(await tip.innerText()).toContain('batchnorm="debiased"');
  await page.mouse.move(0, 0);
  await tip.waitFor({ state: "hidden" });
  await badge.focus();
  await tip.waitFor();
  expect(await tip.innerText()).toContain(words);
  await page.keyboard.press("ArrowRight");
  await frame.getByRole("button", { name: "BatchNorm warm" }).waitFor();
  expect(await tip.innerText()).toContain("at step 10: 100% (4 of 4)");
  await page.keyboard.press("Escape");
  await tip.waitFor({ state: "hidden" });
  expect(complaints).toEqual([]);
});

test("maps of debiased statistics are not called lagging; runs without BatchNorm say nothing", async () => {
  const link = `${runs("known")}%2C${encodeURIComponent(encodeURIComponent("warming/debiased"))}`;
  const { frame } = await on.open(`${link}&p.attribution.step=0`);
  expect(await frame.locator(".head-run").allInnerTexts()).toEqual(["known", "warming/debiased"]);
  expect(await frame.locator(".warmth").allInnerTexts()).toEqual(["BatchNorm debiased"]);
});

test("runs are chosen one by one, as a group, or alone", async () => {
  const { page, frame } = await on.open(runs("known"));
  const chosen = () => new URL(page.url()).hash.match(/runs=([^&]*)/)?.[1]?.replaceAll(/%(25)?2F/g, "/");
  const group = frame.getByRole("checkbox", { name: "warming", exact: true });
  await group.check();
  await expect.poll(chosen).toBe("known/attribution%2Cwarming/attribution%2Cwarming/debiased");
  await frame.getByRole("checkbox", { name: "debiased", exact: true }).uncheck();
  expect(await group.evaluate((box) => (box as HTMLInputElement).indeterminate)).toBe(true);
  await frame.getByRole("button", { name: "Show only warming/debiased" }).click();
  await expect.poll(chosen).toBe("warming/debiased");
});

test("a corrupt map is named in its tile, the others show at full resolution", async () => {
  const link = `${runs("corrupt")}&p.attribution.method=integrated_gradients`;
  const opened = await on.open(link);
  await showCells(opened);
  await tile(opened.frame, 0).locator(".tile-words").waitFor();
  expect(await tile(opened.frame, 0).locator(".tile-words").innerText()).toMatch(
    /^thumbnail only: checksum of a blob of \d+ bytes is wrong$/,
  );
  await opened.frame.waitForFunction(() => document.querySelectorAll<HTMLCanvasElement>(".heat")[1]?.width === 96);
  expect(await tile(opened.frame, 1).locator(".tile-words").count()).toBe(0);
});

test("thumbnails are replaced by the stored cells when the thumb rests", async () => {
  const link = `${runs("thumbnails")}&p.attribution.method=integrated_gradients`;
  const opened = await on.open(link);
  await showCells(opened);
  await opened.page.keyboard.press("Home");
  const width = () => document.querySelector<HTMLCanvasElement>(".heat")?.width;
  await opened.frame.waitForFunction(width);
  await opened.frame.waitForFunction(() => document.querySelector<HTMLCanvasElement>(".heat")?.width === 96);
  expect(opened.complaints).toEqual([]);
});

test("tables: named bars in one order for all examples and steps", async () => {
  const { page, frame } = await on.open(runs("tumours"));
  const names = (row: number) => tile(frame, row).locator(".feature").allInnerTexts();
  const zeroLines = () =>
    frame
      .locator(".track")
      .evaluateAll((tracks) => new Set(tracks.map((track) => track.getBoundingClientRect().x)).size);
  const first = await names(0);
  expect(first.length).toBe(14);
  expect(await names(1)).toEqual(first);
  expect(await zeroLines()).toBe(1);
  const zero = await tile(frame, 0).locator(".track").first().boundingBox();
  expect(await frame.locator(".head .lines", { hasText: "sorted" }).innerText()).toBe(
    "sorted by mean |score| at step 150 of kernel_shap in tumours",
  );
  expect(await tile(frame, 1).locator(".bar-row.not-finite").count()).toBe(1);
  expect(await tile(frame, 1).locator(".tile-words").innerText()).toBe("1 of 30 scores not finite");
  await page.keyboard.press("Home");
  await settled(frame);
  expect(await names(0)).toEqual(first);
  expect(await tile(frame, 0).locator(".track").first().boundingBox()).toEqual(zero);
  expect(await zeroLines()).toBe(1);
  const scores = await tile(frame, 0).locator(".score").allInnerTexts();
  expect(scores.every((score) => /^[+−]?[\d.e−]+$/.test(score))).toBe(true);
  expect(await tile(frame, 0).locator(".rest").innerText()).toMatch(/^16 more features, sum [+−]?[\d.]+$/);
});

test.each([
  ["known", ["Heat over the picture", "Opacity", "Stored cells", "Signed", "Gamma", "Picture size"]],
  ["tumours", ["Signed"]],
  ["mail", ["Signed", "Gamma"]],
])("the panel offers what changes something of %s", async (run, choices) => {
  const { frame } = await on.open(runs(run));
  const options = frame.locator(".panel", { hasText: "Display" }).locator(".option");
  const names = await options.evaluateAll((all) =>
    all.map((one) => [...one.childNodes].flatMap((node) => (node instanceof Text ? [node.data] : [])).join("")),
  );
  expect(names.filter((name) => !/^Scale/.test(name))).toEqual(choices);
});

test("text: every token is there, white space can be seen, one scale over steps", async () => {
  const { page, frame } = await on.open(runs("mail"));
  const tokens = await tile(frame, 0).locator(".chip").allInnerTexts();
  expect(tokens.slice(0, 10)).toEqual(["From", ":", "·", "ann", "@", "example", ".", "org", "⏎", "Subject"]);
  expect((await tile(frame, 1).locator(".chip").allInnerTexts())[0]).toBe("<script>");
  const bar = await frame.locator(".colour-bar .vmax").innerText();
  await frame.locator(".grid").focus();
  await page.keyboard.press("Home");
  await settled(frame);
  expect(await frame.locator(".colour-bar .vmax").innerText()).toBe(bar);
});

test("time series: a line and a band per channel", async () => {
  const { frame } = await on.open(runs("gesture"));
  expect(await tile(frame, 0).locator(".strip").count()).toBe(2);
  await frame.waitForFunction(
    () => document.querySelector(".strip polyline")?.getAttribute("points")?.split(" ").length === 150,
  );
});

test.each(["known", "tumours", "mail", "gesture", "warming"])("axe finds nothing serious: %s", async (run) => {
  await expectAccessible(await on.open(runs(run)));
});
