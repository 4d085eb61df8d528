// Memory of a page that has shown every eighth step: `node page_memory.mjs TENSORBOARD_URL LINK` prints JSON for page.py.
// Spoken to over a pipe: whoever listens to the network over the same protocol, as Playwright does, makes the renderer
// keep 200 MB of answers for them.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXECUTABLE, SWITCHES } from "../frontend/scripts/browser.mjs";

const [url, link = ""] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), "page-memory-"));
const chromium = spawn(
  EXECUTABLE,
  [...SWITCHES, "--headless", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "--window-size=1920,1200"],
  { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
);
const ended = new Promise((done) => chromium.once("exit", done));
const [, , , toBrowser, fromBrowser] = chromium.stdio;
const waiting = new Map();
let asked = 0;
let rest = "";

fromBrowser.setEncoding("utf8").on("data", (text) => {
  const messages = (rest + text).split("\0");
  rest = messages.pop();
  for (const { id, result, error } of messages.map((message) => JSON.parse(message))) {
    const { done, failed } = waiting.get(id) ?? {};
    waiting.delete(id);
    error === undefined ? done?.(result) : failed?.(new Error(error.message));
  }
});

function send(method, params = {}, sessionId = undefined) {
  toBrowser.write(`${JSON.stringify({ id: ++asked, method, params, sessionId })}\0`);
  return new Promise((done, failed) => waiting.set(asked, { done, failed }));
}

/** Memory of the largest renderer that belongs to it alone, MB. */
async function memory(sessionId) {
  await send("HeapProfiler.collectGarbage", {}, sessionId);
  const { processInfo } = await send("SystemInfo.getProcessInfo");
  const own = ({ id }) => Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))[1]) / 1024;
  return Math.round(Math.max(...processInfo.filter(({ type }) => type === "renderer").map(own)));
}

/** Runs in TensorBoard's page: waits for ours, then shows steps so far apart, each until it is whole; of 0, none. */
async function visitAll(apart) {
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  const page = () => document.querySelector("iframe")?.contentDocument;
  const slider = () => page()?.querySelector('input[type=range][aria-label="Step"]');
  const busy = () => page().documentElement.hasAttribute("data-fetching") || page().querySelector(".tile.busy");
  async function settled() {
    for (let idle = 0; idle < 5; idle = slider() && !busy() ? idle + 1 : 0) {
      await sleep(50);
    }
  }
  await settled();
  const put = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(slider()), "value").set;
  for (let step = 0; apart > 0 && step <= Number(slider().max); step += apart) {
    put.call(slider(), String(step));
    slider().dispatchEvent(new (page().defaultView.Event)("input", { bubbles: true }));
    await settled();
  }
}

async function visit(sessionId, apart) {
  const expression = `(${visitAll})(${apart})`;
  const { exceptionDetails } = await send("Runtime.evaluate", { expression, awaitPromise: true }, sessionId);
  if (exceptionDetails !== undefined) {
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  }
}

try {
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const seen = [await memory(sessionId)];
  await send("Page.navigate", { url: `${url}#attribution${link}` }, sessionId);
  await visit(sessionId, 0);
  seen.push(await memory(sessionId));
  await visit(sessionId, 8);
  seen.push(await memory(sessionId));
  console.log(JSON.stringify({ memory_mb: seen }));
} finally {
  chromium.kill();
  await ended;
  rmSync(profile, { recursive: true, force: true });
}
