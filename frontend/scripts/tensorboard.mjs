import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

const REPOSITORY = resolve(import.meta.dirname, "../..");
const SCRIPTS = join(REPOSITORY, "tests/e2e");
const PYTHON = process.env.PYTHON ?? join(REPOSITORY, ".venv/bin/python");
const ENVIRONMENT = { ...process.env, PYTHONPATH: REPOSITORY, TF_CPP_MIN_LOG_LEVEL: "3" };
const WITHOUT_TENSORFLOW = join(SCRIPTS, "without_tensorflow");
const START = 90_000; // ms; a first start on a busy machine compiles TensorBoard's Python files

/**
 * Runs one of the Python scripts of tests/e2e; returns what it printed.
 *
 * @param {string} script
 * @param {string[]} args
 */
export function python(script, ...args) {
  return execFileSync(PYTHON, [join(SCRIPTS, script), ...args], {
    env: ENVIRONMENT,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
}

/** A directory of its own, which `remove` deletes. */
export function temporaryDirectory() {
  const path = mkdtempSync(join(tmpdir(), "tb-attribution-e2e-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((found, failed) => {
    const server = createServer();
    server.on("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => found(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/**
 * @param {import("node:child_process").ChildProcess} process
 * @returns {Promise<void>}
 */
function stopped(process) {
  return new Promise((done) => {
    if (process.exitCode !== null || process.signalCode !== null) {
      done();
      return;
    }
    process.once("exit", () => done());
    process.kill("SIGTERM");
  });
}

/**
 * Starts a real `tensorboard` as it is where TensorFlow is not installed, and waits until it answers.
 *
 * @param {string} logdir
 * @param {string[]} flags
 */
export async function tensorboard(logdir, ...flags) {
  return tensorboardAt(await freePort(), logdir, ...flags);
}

/**
 * The same at a port of one's own, where another one was.
 *
 * @param {number} port
 * @param {string} logdir
 * @param {string[]} flags
 */
export function tensorboardAt(port, logdir, ...flags) {
  return start({ ...ENVIRONMENT, PYTHONPATH: [WITHOUT_TENSORFLOW, REPOSITORY].join(delimiter) }, port, logdir, flags);
}

/**
 * The same with the TensorFlow that is installed.
 *
 * @param {string} logdir
 * @param {string[]} flags
 */
export async function tensorboardWithTensorFlow(logdir, ...flags) {
  return start(ENVIRONMENT, await freePort(), logdir, flags);
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {number} port
 * @param {string} logdir
 * @param {string[]} flags
 */
async function start(env, port, logdir, flags) {
  const program = join(PYTHON, "../tensorboard");
  if (!existsSync(program)) {
    throw new Error(`${program} is missing: set PYTHON to the interpreter of an environment with TensorBoard in it`);
  }
  const args = ["--logdir", logdir, "--port", String(port), "--host", "127.0.0.1", ...flags];
  const process = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  process.stderr.on("data", (text) => {
    said += text;
  });
  const prefix = flags.find((flag) => flag.startsWith("--path_prefix="))?.split("=")[1] ?? "";
  const url = `http://127.0.0.1:${port}${prefix}/`;
  const deadline = Date.now() + START;
  for (;;) {
    const answer = await fetch(`${url}data/plugins_listing`).catch(() => undefined);
    if (answer?.ok) {
      return { url, port, stop: () => stopped(process) };
    }
    if (process.exitCode !== null || Date.now() > deadline) {
      await stopped(process);
      throw new Error(`tensorboard ${args.join(" ")} did not start: ${said}`);
    }
    await new Promise((tick) => setTimeout(tick, 200));
  }
}
