import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, open } from "./browser";
import { python, type TensorBoard, temporaryDirectory, tensorboard } from "./tensorboard";

const logs = temporaryDirectory();
let browser: Browser;
let server: TensorBoard;

beforeAll(async () => {
  python("write_logs.py", "known", logs.path);
  python("write_logs.py", "others", logs.path); // gives TensorBoard a second tab
  server = await tensorboard(logs.path, "--reload_interval=1");
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  logs.remove();
});

test("a tab that is not on screen asks for nothing; back on screen it catches up", async () => {
  const { page, frame } = await open(browser, server.url);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const ours = () => asked.filter((url) => url.includes("/plugin/attribution/"));
  await page
    .locator(".plugin-name, [role=tab]", { hasText: /scalars|time series/i })
    .first()
    .click();
  await expect.poll(() => frame.evaluate(() => innerHeight)).toBe(0);
  asked.length = 0;
  await page.locator("button.reload-button, [aria-label*='eload']").first().click();
  await expect.poll(() => asked.some((url) => url.includes("data/runs"))).toBe(true);
  expect(ours()).toEqual([]);
  await page
    .locator(".plugin-name, [role=tab]", { hasText: /attribution/i })
    .first()
    .click();
  await expect.poll(() => ours().some((url) => url.endsWith("/index"))).toBe(true);
  await page.keyboard.press("ArrowLeft");
  expect(await frame.getByRole("spinbutton", { name: "step" }).inputValue()).toBe("10");
  await page.close();
});

test("a reload brings new steps and leaves the step that was set and the scale alone", async () => {
  const { page, frame } = await open(browser, server.url, "&p.attribution.step=10");
  const bar = await frame.locator(".colour-bar .vmax").innerText();
  python("write_logs.py", "more_steps", logs.path);
  const reload = frame.getByRole("button", { name: "Reload" });
  await expect
    .poll(
      async () => {
        await reload.click();
        return frame.locator(".step-words").innerText();
      },
      { timeout: 60_000, interval: 1000 },
    )
    .toContain("/ 5 steps stored");
  expect(await frame.getByRole("spinbutton", { name: "step" }).inputValue()).toBe("10");
  expect(await frame.locator(".colour-bar .vmax").innerText()).toBe(bar);
  expect(await frame.getByRole("button", { name: "+2 new" }).count()).toBe(1);
  await frame.getByRole("button", { name: /^Rescale to/ }).click();
  expect(await frame.locator(".colour-bar .vmax").innerText()).not.toBe(bar);
  await page.close();
});

// Last: it ends the server.
test("a reload that fails says why and keeps what is on screen", async () => {
  const { page, frame } = await open(browser, server.url);
  await server.stop();
  await frame.getByRole("button", { name: "Reload" }).click();
  await frame.locator(".notices").waitFor();
  const words = "Reload failed, the page shows what it had: TensorBoard does not answer. Is its process still running?";
  expect(await frame.locator(".notices").innerText()).toContain(words);
  expect(await frame.locator(".tile .picture").count()).toBeGreaterThan(0);
  await page.close();
});
