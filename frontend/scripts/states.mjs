// Saves a picture of every state of the page, for people to look at:
//
//   npm run states -- OUT [--only grid,empty] [--width 360,768,1280,3840] [--theme light,dark]
//
// It writes the logs of tests/e2e, starts a TensorBoard for each of them, and honours PYTHON and CHROMIUM.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { drawn, launch, openTab, settled } from "./browser.mjs";
import { python, temporaryDirectory, tensorboard } from "./tensorboard.mjs";

const PATIENCE = 90_000; // ms
const HEIGHTS = { 360: 740, 768: 1024, 1280: 800, 3840: 2160 };

/** Runs by name, as a link has them. */
const runs = (...names) => `&p.attribution.runs=${encodeURIComponent(names.map(encodeURIComponent).join())}`;
const press =
  (...keys) =>
  async (page, frame) => {
    await frame.locator(".grid").focus();
    for (const key of keys) {
      await page.keyboard.press(key);
    }
  };
const click = (selector) => async (_page, frame) => {
  const found = frame.locator(selector).first();
  if (await found.isVisible()) {
    await found.click();
  }
};

// What a state is called, the logs it needs, and how the page comes to it.
const STATES = [
  { name: "grid", logs: "two_runs" },
  { name: "strip", logs: "two_runs", link: `${runs("watermark/attribution")}&p.attribution.across=steps` },
  { name: "side_panel", logs: "two_runs", act: click(".side-toggle") },
  { name: "bar_options", logs: "two_runs", link: "&p.attribution.scope=share&p.attribution.gamma=0.5" },
  { name: "help", logs: "two_runs", act: press("?") },
  { name: "bad_link", logs: "two_runs", link: "&p.attribution.step=soon&p.attribution.runs=nobody" },
  { name: "no_run_chosen", logs: "two_runs", link: "&p.attribution.runs=" },
  { name: "nothing_found", logs: "two_runs", link: "&p.attribution.find=zebra" },
  { name: "loading", logs: "two_runs", hold: /attribution\/index$/ },
  { name: "loading_maps", logs: "two_runs", hold: /\/maps\?/ },
  { name: "server_gone_at_start", logs: "two_runs", refuse: /\/plugin\/attribution\/index/ },
  { name: "server_gone", logs: "two_runs", gone: true },
  { name: "table", logs: "page", link: runs("tumours/attribution") },
  { name: "text", logs: "page", link: runs("mail/attribution") },
  { name: "series", logs: "page", link: runs("gesture/attribution") },
  { name: "odd_maps", logs: "page", link: runs("odd/attribution") },
  { name: "broken_tile", logs: "page", link: runs("corrupt/attribution") },
  { name: "markup", logs: "page", link: runs("<b>run<b>/<i>x<i>") },
  { name: "lengths", logs: "lengths" },
  { name: "feature_names", logs: "features" },
  { name: "lying_blob", logs: "lying" },
  { name: "one_cell", logs: "sizes", link: runs("cell/attribution") },
  { name: "large_map", logs: "sizes", link: `${runs("large/attribution")}&p.attribution.tile=224` },
  { name: "method_absent", logs: "absent" },
  { name: "inputs_not_stored", logs: "private" },
  { name: "strings", logs: "strings" },
  { name: "crowd", logs: "crowd" },
  { name: "no_runs", logs: "empty" },
  { name: "no_attributions", logs: "others" },
  { name: "no_logdir", logs: null }, // a directory that is not there; TensorBoard does not start without a name of one,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: STATES.map(({ name }) => name).join() },
    width: { type: "string", default: Object.keys(HEIGHTS).join() },
    theme: { type: "string", default: "light,dark" },
  },
});
const [out] = positionals;
if (out === undefined) {
  console.error("states needs the folder that the pictures go to");
  process.exit(2);
}
mkdirSync(out, { recursive: true });
const wanted = STATES.filter(({ name }) => values.only.split(",").includes(name));
const widths = values.width.split(",").map(Number);
const themes = values.theme.split(",");

async function open(browser, server, { link = "", hold, refuse }) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 });
  page.setDefaultTimeout(PATIENCE);
  if (hold !== undefined) {
    await page.route(hold, () => undefined); // never answered
  }
  if (refuse !== undefined) {
    await page.route(refuse, (route) => route.abort());
  }
  if (hold?.test("attribution/index")) {
    await page.goto(`${server.url}#attribution${link}`, { waitUntil: "commit" });
    const frame = await (await page.waitForSelector("iframe", { state: "attached" })).contentFrame();
    await frame.waitForSelector(".words");
    return { page, frame };
  }
  const frame = await openTab(page, server.url, link);
  await drawn(frame);
  if (hold === undefined) {
    await settled(frame);
  }
  return { page, frame };
}

async function photograph(browser, server, state) {
  const { page, frame } = await open(browser, server, state);
  if (state.gone) {
    await page.route(/\/plugin\/attribution\//, (route) => route.abort());
    await frame.getByRole("button", { name: "Reload", exact: true }).click();
    await frame.waitForSelector(".notices");
  }
  for (const width of widths) {
    await page.setViewportSize({ width, height: HEIGHTS[width] ?? 900 });
    await state.act?.(page, frame);
    for (const theme of themes) {
      await page.evaluate((dark) => document.body.classList.toggle("dark-mode", dark), theme === "dark");
      await (state.hold === undefined ? settled(frame) : page.waitForTimeout(500));
      await page.screenshot({ path: join(out, `${state.name}-${width}-${theme}.png`) });
    }
    await page.keyboard.press("Escape");
  }
  await page.close();
}

const browser = await launch();
try {
  for (const logs of new Set(wanted.map((state) => state.logs))) {
    const directory = temporaryDirectory();
    if (logs !== null) {
      python("write_logs.py", logs, directory.path);
    }
    const server = await tensorboard(logs === null ? join(directory.path, "nowhere") : directory.path);
    try {
      for (const state of wanted.filter((one) => one.logs === logs)) {
        console.log(state.name);
        await photograph(browser, server, state);
      }
    } finally {
      await server.stop();
      directory.remove();
    }
  }
} finally {
  await browser.close();
}
