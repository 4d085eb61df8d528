import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, open } from "./browser";
import { python, temporaryDirectory, tensorboard } from "./tensorboard";

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
});

test.each([
  ["not there", "The log directory does not exist", ", and there is no such folder."],
  ["empty", "No runs yet", ", and there are no runs in it."],
  ["others", "No attributions in these runs", "Runs without attributions: plain/train"],
])("a log directory that is %s says so, and shows the callback with the directory", async (scenario, title, more) => {
  const logs = temporaryDirectory();
  if (scenario === "not there") {
    logs.remove();
  } else {
    python("write_logs.py", scenario, logs.path);
  }
  const server = await tensorboard(logs.path);
  try {
    const { frame, page, complaints } = await open(browser, server.url);
    expect(await frame.locator("h1").innerText()).toBe(title);
    expect(await frame.locator("pre").innerText()).toContain(`tba.AttributionCallback("${logs.path}/my_run", probe)`);
    expect(await frame.locator(".words").innerText()).toContain(more);
    expect(complaints).toEqual([]);
    await page.close();
  } finally {
    await server.stop();
    logs.remove();
  }
});

test("a page without runs looks again when it is asked to", async () => {
  const logs = temporaryDirectory();
  const server = await tensorboard(logs.path, "--reload_interval=1");
  try {
    const { frame, page } = await open(browser, server.url);
    expect(await frame.locator("h1").innerText()).toBe("No runs yet");
    python("write_logs.py", "known", logs.path);
    const look = async () => {
      await frame.getByRole("button", { name: "Reload" }).click();
      return frame.locator(".tile .picture").count();
    };
    await expect.poll(look, { timeout: 60_000, interval: 1000 }).toBeGreaterThan(0);
    await page.close();
  } finally {
    await server.stop();
    logs.remove();
  }
});
