import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { launch } from "./browser";
import { python, type TensorBoard, temporaryDirectory, tensorboard } from "./tensorboard";

/** A browser and a TensorBoard with logs, for all tests of a file. */
export interface Stage {
  readonly logdir: string;
  readonly browser: Browser;
  readonly server: TensorBoard;
}

/** Logs of some scenarios of write_logs.py, served before the first test of a file and gone after its last. */
export function stage(scenarios: readonly string[], ...flags: string[]): Stage {
  const logs = temporaryDirectory();
  let browser: Browser | undefined;
  let server: TensorBoard | undefined;
  beforeAll(async () => {
    for (const scenario of scenarios) {
      python("write_logs.py", scenario, logs.path);
    }
    server = await tensorboard(logs.path, ...flags);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    logs.remove();
  });
  return {
    logdir: logs.path,
    get browser() {
      return browser!;
    },
    get server() {
      return server!;
    },
  };
}
