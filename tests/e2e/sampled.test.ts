import { describe, expect, test } from "vitest";
import { open } from "./browser";
import { stage } from "./stage";

const KEPT = 5;

describe.each([["true"], ["false"]])("--samples_per_plugin=attribution=5,scalars=20 --load_fast=%s", (fast) => {
  const on = stage(["sweep"], `--samples_per_plugin=attribution=${KEPT},scalars=20`, `--load_fast=${fast}`);

  test("steps that TensorBoard dropped are said to be, with the flag that keeps them", async () => {
    const { page, frame, complaints } = await open(
      on.browser,
      on.server.url,
      "&p.attribution.method=a&p.attribution.curves=true",
    );
    const words = frame.locator(".step-words");
    expect(await words.innerText()).toContain(`5 / 5 · ${KEPT} steps kept`);
    expect(await words.locator(".badge").innerText()).toBe(
      "TensorBoard keeps at most 5 steps of a series and may have dropped others: " +
        "--samples_per_plugin=attribution=0 keeps all",
    );
    expect(await frame.locator(".curve-values .badge").innerText()).toBe(
      "TensorBoard keeps at most 20 points of a curve and may have dropped others: " +
        "--samples_per_plugin=scalars=0 keeps all",
    );
    const slider = frame.getByRole("slider", { name: "Step", exact: true });
    for (let at = 0; at < KEPT; at++) {
      await slider.fill(String(at));
      // `sweep` has ten steps an epoch.
      const [, step, epoch] =
        /^step (\d+), epoch (\d+)/.exec((await slider.getAttribute("aria-valuetext")) ?? "") ?? [];
      expect(Number(epoch)).toBe(Math.floor(Number(step) / 10) + 1);
      expect(await frame.locator(".tile.failed").count()).toBe(0);
    }
    expect(complaints).toEqual([]);
    await page.close();
  });
});
