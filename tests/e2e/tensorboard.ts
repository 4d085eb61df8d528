import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const REPOSITORY = resolve(import.meta.dirname, "../..");
const PYTHON = process.env.PYTHON ?? join(REPOSITORY, ".venv/bin/python");
const ENVIRONMENT = { ...process.env, PYTHONPATH: REPOSITORY, TF_CPP_MIN_LOG_LEVEL: "3" };
const START = 90_000; // ms; a first start on a busy machine compiles TensorBoard's Python files

/** Runs one of the Python scripts beside this file; returns what it printed. */
export function python(script: string, ...args: string[]): string {
  return execFileSync(PYTHON, [join(import.meta.dirname, script), ...args], {
    env: ENVIRONMENT,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
}

/** A directory of its own, which `remove` deletes. */
export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "tb-attribution-e2e-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer();
    server.on("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => found(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

export interface TensorBoard {
  readonly url: string;
  stop(): Promise<void>;
}

function stopped(process: ChildProcess): Promise<void> {
  return new Promise((done) => {
    if (process.exitCode !== null || process.signalCode !== null) {
      done();
      return;
    }
    process.once("exit", () => done());
    process.kill("SIGTERM");
  });
}

/** Starts a real `tensorboard` and waits until it answers. */
export async function tensorboard(logdir: string, ...flags: string[]): Promise<TensorBoard> {
  const port = await freePort();
  const program = join(PYTHON, "../tensorboard");
  if (!existsSync(program)) {
    throw new Error(`${program} is missing: set PYTHON to the interpreter of an environment with TensorBoard in it`);
  }
  const args = ["--logdir", logdir, "--port", String(port), "--host", "127.0.0.1", ...flags];
  const process = spawn(program, args, { env: ENVIRONMENT, stdio: ["ignore", "ignore", "pipe"] });
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
      return { url, stop: () => stopped(process) };
    }
    if (process.exitCode !== null || Date.now() > deadline) {
      await stopped(process);
      throw new Error(`tensorboard ${args.join(" ")} did not start: ${said}`);
    }
    await new Promise((tick) => setTimeout(tick, 200));
  }
}
