import { chromium } from "playwright-core";

const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Debian's Chromium, or the one that CHROMIUM names. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: SWITCHES,
  });
}

/**
 * Opens our tab in a running TensorBoard.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} url TensorBoard's address
 * @param {string} [link] parts of the address that our page reads, "&p.attribution.step=100"
 * @returns {Promise<import("playwright-core").Frame>} our frame, once it has drawn
 */
export async function openTab(page, url, link = "") {
  await page.goto(`${url.replace(/#.*$/, "")}#attribution${link}`);
  const element = await page.waitForSelector("iframe", { state: "attached" });
  const frame = await element.contentFrame();
  if (frame === null) {
    throw new Error("TensorBoard's frame for the plugin has no content");
  }
  await frame.waitForSelector(".app, .empty, .words h1", { timeout: 30_000 });
  return frame;
}

/** Waits until no tile says that it is loading and no request is under way. */
export async function settled(page, frame) {
  await page.waitForLoadState("networkidle");
  await frame.waitForFunction(() => document.querySelector(".tile.busy") === null);
}
