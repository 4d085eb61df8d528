import { chromium } from "playwright-core";

export const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// Longer than the thumb must rest before maps at full resolution are asked for.
const QUIET = 250; // ms
const PATIENCE = 90_000;

/** Debian's Chromium, or the one that CHROMIUM names. */
export const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";

export function launch() {
  return chromium.launch({
    executablePath: EXECUTABLE,
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
  await page.goto(`${url.replace(/#.*$/, "")}#attribution${link}`, { timeout: PATIENCE });
  const element = await page.waitForSelector("iframe", { state: "attached", timeout: PATIENCE });
  const frame = await element.contentFrame();
  if (frame === null) {
    throw new Error("TensorBoard's frame for the plugin has no content");
  }
  await drawn(frame);
  return frame;
}

/** Waits until our page has something to show. */
export async function drawn(frame) {
  await frame.waitForSelector(".app, .empty, .words h1", { timeout: PATIENCE });
}

/** Waits until the page has fetched and drawn all that it wants to. */
export async function settled(frame) {
  await frame.waitForFunction(
    (quiet) => {
      const root = document.documentElement;
      const pictures = [...document.images].every((image) => image.complete);
      const idle = pictures && !root.hasAttribute("data-fetching") && document.querySelector(".tile.busy") === null;
      globalThis.idleSince = idle ? (globalThis.idleSince ?? performance.now()) : undefined;
      return idle && performance.now() - globalThis.idleSince > quiet;
    },
    QUIET,
    { timeout: PATIENCE },
  );
  await frame.evaluate(() => {
    globalThis.idleSince = undefined;
  });
}
