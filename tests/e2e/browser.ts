import type { Browser, Frame, Page } from "playwright-core";
import { launch, openTab, settled } from "../../frontend/scripts/browser.mjs";

/** A tab of the browser with our page in it, and every complaint that the browser made. */
export interface Opened {
  readonly page: Page;
  readonly frame: Frame;
  readonly complaints: string[];
}

export { launch, openTab, settled };

// TensorBoard asks for its own fonts without the path prefix.
const HOSTS_OWN = /\/font-roboto\//;

/** Opens TensorBoard's attribution tab, waits until its maps are drawn, and records errors from the start. */
export async function open(browser: Browser, url: string, link = ""): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    // Violations of the content security policy are console errors too.
    const { url } = message.location();
    if (message.type() === "error" && !HOSTS_OWN.test(url)) {
      complaints.push(`${message.text()} (${url})`);
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  const frame = await openTab(page, url, link);
  await settled(frame);
  return { page, frame, complaints };
}

/** Opaque heat in the cells that are stored: what is on the screen is then the look-up table's colours. */
export async function showCells({ page, frame }: Opened): Promise<void> {
  await frame.locator(".grid").focus();
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await frame.locator(".picture:not(.overlaid) .heat.cells").first().waitFor();
}
