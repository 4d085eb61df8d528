import type { Frame } from "playwright-core";
import { expect, test } from "vitest";
import { open, openTab, settled } from "./browser";
import { stage } from "./stage";

const on = stage(["known"]);

const heat = (frame: Frame) => frame.locator(".heat").first();

test("a cold link brings the looks with it; Copy link gives TensorBoard's whole address", async () => {
  const link = "&p.attribution.cells=true&p.attribution.overlay=false&p.attribution.tile=96&p.attribution.step=10";
  const { page, frame, complaints } = await open(on.browser, on.server.url, link);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await frame.locator(".picture:not(.overlaid) .heat.cells").first().waitFor();
  expect((await heat(frame).boundingBox())?.width).toBe(96);
  await frame.getByRole("button", { name: "Copy link" }).click();
  await frame.getByRole("button", { name: "Link copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(page.url());
  expect(new Set(new URL(copied).hash.split("&"))).toEqual(new Set(`#attribution${link}`.split("&")));
  await page.keyboard.press("Home");
  await frame.getByRole("button", { name: "Copy link" }).waitFor(); // what was copied is another view
  expect(complaints).toEqual([]);
  await page.close();
});

test("where the clipboard is blocked, the address stands there, selected", async () => {
  const { page, frame } = await open(on.browser, on.server.url);
  await frame.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await frame.getByRole("button", { name: "Copy link" }).click();
  const box = frame.getByRole("textbox", { name: "Link" });
  await box.waitFor();
  expect(await box.inputValue()).toBe(page.url());
  expect(await frame.evaluate(() => getSelection()?.toString())).toBe(page.url());
  await page.close();
});

test.each(["by the browser", "by the page"])("a change just before a reload %s is not lost", async (who) => {
  const { page, frame, complaints } = await open(on.browser, on.server.url, "&p.attribution.step=10");
  await page.keyboard.press("n"); // goes into the address at once, what follows it a moment later
  await page.keyboard.press("Home");
  const again = who === "by the page" ? page.evaluate(() => location.reload()) : page.reload();
  await Promise.all([page.waitForEvent("framedetached"), again]);
  const element = await page.waitForSelector("iframe", { state: "attached" });
  const ours = (await element.contentFrame())!;
  await ours.waitForSelector(".app");
  expect(await ours.getByRole("spinbutton", { name: "step" }).inputValue()).toBe("0");
  await expect.poll(() => page.url()).toContain("&p.attribution.step=0&p.attribution.scope=visible");
  expect(frame.isDetached()).toBe(true);
  expect(complaints).toEqual([]);
  await page.close();
});

test("an address that somebody put there wins over what the page was at, also by a reload", async () => {
  const { page } = await open(on.browser, on.server.url, "&p.attribution.step=10");
  await page.keyboard.press("Home");
  await page.evaluate(() => history.replaceState(history.state, "", "#attribution&p.attribution.cells=true"));
  await page.reload();
  const ours = (await (await page.waitForSelector("iframe", { state: "attached" })).contentFrame())!;
  await ours.waitForSelector(".app");
  expect(await ours.getByRole("spinbutton", { name: "step" }).inputValue()).toBe("20");
  await page.close();
});

test("looks are remembered under our own name, and a link wins over them without changing them", async () => {
  const opened = await open(on.browser, on.server.url);
  const { page } = opened;
  await page.keyboard.press("g");
  await opened.frame.locator(".heat.cells").first().waitFor();
  const keys = () => page.evaluate(() => Object.keys(localStorage).filter((key) => /attribution/.test(key)));
  expect(await keys()).toEqual(["tb-attribution.display"]);
  const again = async (link: string) => {
    await page.goto("about:blank");
    const frame = await openTab(page, on.server.url, link);
    await settled(frame);
    return (await heat(frame).getAttribute("class"))?.split(" ").includes("cells");
  };
  expect(await again("")).toBe(true);
  expect(await again("&p.attribution.cells=false")).toBe(false);
  await expect.poll(() => page.url()).toContain("&p.attribution.cells=false"); // so that a reload shows it again
  expect(await again("")).toBe(true);
  await page.close();
});
