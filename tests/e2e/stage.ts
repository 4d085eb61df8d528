import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { launch, type Opened, open, reopen } from "./browser";
import { python, type TensorBoard, temporaryDirectory, tensorboard } from "./tensorboard";

/** A browser and a TensorBoard with logs, for all tests of a file. */
export interface Stage {
  readonly logdir: string;
  readonly browser: Browser;
  readonly server: TensorBoard;
  /**
   * Our page at a link, in one tab for all tests of the file: TensorBoard around it is loaded once, which takes most of
   * the time, our frame each time. Where that matters, `open` loads everything.
   */
  open(link?: string): Promise<Opened>;
}

/** Logs of some scenarios of write_logs.py, served before the first test of a file and gone after its last. */
export function stage(scenarios: readonly string[], ...flags: string[]): Stage {
  const logs = temporaryDirectory();
  let browser: Browser | undefined;
  let server: TensorBoard | undefined;
  let opened: Opened | undefined;
  beforeAll(async () => {
    const launched = launch();
    python("write_logs.py", scenarios.join(), logs.path);
    server = await tensorboard(logs.path, ...flags);
    browser = await launched;
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
    async open(link = "") {
      opened = opened === undefined ? await open(browser!, server!.url, link) : await reopen(opened, link);
      return opened;
    },
  };
}
