import { expect, test } from "vitest";
import { settled } from "./browser";
import { stage } from "./stage";
import { python } from "./tensorboard";

const on = stage(["known", "others"], "--reload_interval=1"); // `others` gives TensorBoard a second tab

test("a tab that is not on screen asks for nothing; back on screen it catches up", async () => {
  const { page, frame } = await on.open();
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
});

test("a reload brings new steps and leaves the step that was set and the scale alone", async () => {
  const { page, frame } = await on.open("&p.attribution.step=10");
  const bar = await frame.locator(".colour-bar .vmax").innerText();
  python("write_logs.py", "more_steps", on.logdir);
  const reload = frame.getByRole("button", { name: "Reload" });
  await expect
    .poll(
      async () => {
        await reload.click();
        return frame.locator(".step-words").innerText();
      },
      { timeout: 60_000, interval: 1000 },
    )
    .toContain("5 of 5 steps stored");
  expect(await frame.getByRole("spinbutton", { name: "step" }).inputValue()).toBe("10");
  expect(await frame.locator(".colour-bar .vmax").innerText()).toBe(bar);
  expect(await frame.getByRole("button", { name: "+2 new" }).count()).toBe(1);
  await page.keyboard.press("Home"); // another step that is not the latest
  expect(await frame.getByRole("button", { name: "+2 new" }).count()).toBe(1);
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  expect(await frame.getByRole("button", { name: "go to the latest", exact: true }).count()).toBe(1);
  await frame.getByRole("button", { name: /^Rescale to/ }).click();
  expect(await frame.locator(".colour-bar .vmax").innerText()).not.toBe(bar);
});

test("a page that could not be filled says that it asks again, and fills itself once TensorBoard answers", async () => {
  const { page, frame } = await on.open();
  await page.route(/attribution\/index/, (route) => route.abort());
  await Promise.all([page.waitForEvent("framenavigated"), frame.evaluate(() => location.reload())]);
  await frame.locator("h1").waitFor();
  expect(await frame.locator(".words").innerText()).toContain("the page asks again every few seconds");
  await page.unrouteAll();
  await frame.locator(".tile .picture").first().waitFor();
  await settled(frame);
});

// Last: it ends the server.
test("a server that is gone is named, and what is on screen stays", async () => {
  const { frame } = await on.open();
  await on.server.stop();
  await frame.getByRole("button", { name: "Reload" }).click();
  await frame.locator(".notices").waitFor();
  const words = "TensorBoard does not answer. What is on screen stays, and the page asks again every few seconds.";
  expect(await frame.locator(".notices").innerText()).toContain(words);
  expect(await frame.locator(".tile .picture").count()).toBeGreaterThan(0);
});
