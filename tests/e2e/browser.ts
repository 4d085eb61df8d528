import type { Browser, Frame, Page } from "playwright-core";
import { drawn, launch, openTab, settled } from "../../frontend/scripts/browser.mjs";

/** A tab of the browser with our page in it, and every complaint that the browser made. */
export interface Opened {
  readonly page: Page;
  readonly frame: Frame;
  readonly complaints: string[];
}

export { launch, openTab, settled };

// TensorBoard asks for its own fonts without the path prefix.
const HOSTS_OWN = /\/font-roboto\//;

const VIEWPORT = { width: 1280, height: 800 };

/** Opens TensorBoard's attribution tab, waits until its maps are drawn, and records errors from the start. */
export async function open(browser: Browser, url: string, link = ""): Promise<Opened> {
  const context = await browser.newContext({ viewport: VIEWPORT, deviceScaleFactor: 1 });
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

/** Longer than the page's own between two changes of the address, ms. */
const PAUSE = 250;

/** Loads our frame anew, at another link; what was done to the tab before is undone. */
export async function reopen(opened: Opened, link: string): Promise<Opened> {
  const { page, frame, complaints } = opened;
  await page.unrouteAll();
  page.removeAllListeners("request");
  await page.setViewportSize(VIEWPORT);
  await page.emulateMedia({ reducedMotion: null });
  await page.mouse.move(0, 0);
  await page.waitForTimeout(PAUSE); // what was changed last is written into the address until then
  await page.evaluate((hash) => {
    localStorage.clear();
    document.body.classList.remove("dark-mode");
    history.replaceState(history.state, "", hash);
  }, `#attribution${link}`);
  complaints.length = 0;
  await Promise.all([page.waitForEvent("framenavigated"), frame.evaluate(() => location.reload())]);
  await drawn(frame);
  await settled(frame);
  return opened;
}

/** The host's theme, once our page has followed. */
export async function setDark({ page, frame }: Opened, dark: boolean): Promise<void> {
  await page.evaluate((on) => document.body.classList.toggle("dark-mode", on), dark);
  await frame.locator(dark ? ":root.dark" : ":root:not(.dark)").waitFor();
}

/** Opaque heat in the cells that are stored: what is on the screen is then the look-up table's colours. */
export async function showCells({ page, frame }: Opened): Promise<void> {
  await frame.locator(".grid").focus();
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await frame.locator(".picture:not(.overlaid) .heat.cells").first().waitFor();
}

/** Counts what is drawn on tiles from now on. */
export async function countDraws({ frame }: Opened): Promise<() => Promise<number>> {
  await frame.evaluate(() => {
    const { prototype } = CanvasRenderingContext2D;
    const draw = prototype.putImageData;
    const counter = globalThis as unknown as { draws: number };
    counter.draws = 0;
    prototype.putImageData = function (this: CanvasRenderingContext2D, ...image: Parameters<typeof draw>) {
      counter.draws += (this.canvas as HTMLCanvasElement).matches(".heat") ? 1 : 0;
      draw.apply(this, image);
    } as typeof draw;
  });
  return () =>
    frame.evaluate(() => {
      const counter = globalThis as unknown as { draws: number };
      const { draws } = counter;
      counter.draws = 0;
      return draws;
    });
}
