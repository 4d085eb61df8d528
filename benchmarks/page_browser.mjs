// What a person would see, in numbers: `node page_browser.mjs TENSORBOARD_URL LINK` prints JSON for page.py.
import { launch, openTab, settled } from "../frontend/scripts/browser.mjs";

const [url, link = ""] = process.argv.slice(2);
const CHANGES = 20;
/** Steps; further than twice what is fetched ahead. */
const APART = 34;
/** Frames. */
const DRAGGED = 120;

// Every map that is drawn passes here.
function watchDrawing() {
  const put = CanvasRenderingContext2D.prototype.putImageData;
  globalThis.drawn = { first: undefined, last: 0, count: 0 };
  CanvasRenderingContext2D.prototype.putImageData = function (...args) {
    put.apply(this, args);
    if (this.canvas.classList.contains("heat")) {
      globalThis.drawn.last = performance.timeOrigin + performance.now();
      globalThis.drawn.first ??= globalThis.drawn.last;
      globalThis.drawn.count++;
    }
  };
}

/** Goes to the step at an index; ms until the last map was drawn, and how many requests that made. */
async function change(frame, requests, index) {
  const before = requests.length;
  const began = await frame.evaluate((at) => {
    const slider = document.querySelector('input[type=range][aria-label="Step"]');
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(slider, String(at));
    globalThis.drawn.count = 0;
    const now = performance.timeOrigin + performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    return now;
  }, index);
  await settled(frame);
  const { last, count } = await frame.evaluate(() => globalThis.drawn);
  return { ms: last - began, count, requests: requests.length - before };
}

/** Frames a second while a control takes another value at every frame, as under a thumb, and all tiles follow. */
function framesPerSecond(control, values, heat) {
  return control.evaluate(
    async (element, [all, frames, property]) => {
      const put = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), "value").set;
      const event = element.localName === "select" ? "change" : "input";
      const frame = () => new Promise(requestAnimationFrame);
      const tiles = [...document.querySelectorAll(".picture:not(.away) .heat")]; // those in view, or nearly so
      await frame();
      globalThis.drawn.count = 0;
      const began = performance.now();
      for (let i = 0; i < frames; i++) {
        put.call(element, all[i % all.length]);
        element.dispatchEvent(new Event(event, { bubbles: true }));
        await frame();
        const followed =
          property === "colours"
            ? globalThis.drawn.count === tiles.length * (i + 1)
            : tiles.length > 0 && getComputedStyle(tiles[0]).opacity === all[i % all.length];
        if (!followed) {
          throw new Error(`not all of ${tiles.length} tiles follow ${all[i % all.length]}`);
        }
      }
      return (1000 * frames) / (performance.now() - began);
    },
    [values, DRAGGED, heat],
  );
}

const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1200 }, deviceScaleFactor: 1 });
  const requests = [];
  const sizes = [];
  page.on("request", (request) => {
    if (request.url().includes("/plugin/attribution/")) {
      requests.push(request.url());
    }
  });
  page.on("requestfinished", async (request) => {
    if (request.url().includes("/plugin/attribution/")) {
      sizes.push((await request.sizes()).responseBodySize);
    }
  });
  await page.addInitScript(watchDrawing);
  const frame = await openTab(page, url, link);
  // From when the frame of the plugin began to load: TensorBoard's own page is not ours.
  await settled(frame);
  const opened = await frame.evaluate(() => ({
    start: performance.timeOrigin,
    now: performance.timeOrigin + performance.now(),
    first: globalThis.drawn.first,
    last: globalThis.drawn.last,
    tiles: [...document.querySelectorAll(".heat")].filter((tile) => {
      const { top, bottom, left, right } = tile.getBoundingClientRect();
      return top < innerHeight && bottom > 0 && left < innerWidth && right > 0;
    }).length,
    steps: Number(document.querySelector('input[type=range][aria-label="Step"]').max) + 1,
    index: performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/index"))?.duration,
  }));
  const seen = {
    index: opened.index ?? Number.NaN,
    first: opened.first - opened.start,
    settled: opened.last - opened.start,
    opening_mb: sizes.reduce((sum, size) => sum + size, 0) / 1e6,
    opening_requests: requests.length,
    tiles: opened.tiles,
    prefetched: [],
    prefetched_requests: [],
    cold: [],
    cold_requests: [],
  };
  let at = opened.steps - 1;
  for (let i = 0; i < Math.min(CHANGES, Math.floor(at / 5)); i++) {
    const step = await change(frame, requests, --at);
    seen.prefetched.push(step.ms);
    seen.prefetched_requests.push(step.requests);
  }
  // Far enough apart that no step was fetched ahead.
  for (let target = at - APART; target >= 0 && seen.cold.length < CHANGES; target -= APART) {
    const step = await change(frame, requests, target);
    seen.cold.push(step.ms);
    seen.cold_requests.push(step.requests);
  }
  const option = (words, kind) => frame.locator("label", { hasText: words }).locator(kind);
  seen.opacity = await framesPerSecond(option(/^Opacity/, "input"), ["0.3", "0.5", "0.7", "0.9"], "opacity");
  seen.palette = await framesPerSecond(option(/^Signed/, "select"), ["PuOr", "RdBu"], "colours");
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
