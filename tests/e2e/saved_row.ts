import { readFileSync } from "node:fs";
import { PNG } from "pngjs";
import type { Opened } from "./browser";

/** The page's sheet: margins, the narrowest column with its gap, and the bar, in pixels of the file. */
export const SHEET = { margin: 32, pitch: 332, bar: 960 };

interface Written {
  written: string[];
}

/** A row that is saved as PNG: its name, its pixels, and every line that was written on it. */
export async function savedRow({ page, frame }: Opened, save: () => Promise<void>) {
  await frame.evaluate(() => {
    const { prototype } = CanvasRenderingContext2D;
    const write = prototype.fillText;
    const written: string[] = [];
    Object.assign(globalThis, { written });
    prototype.fillText = function (this: CanvasRenderingContext2D, ...[text, ...place]: Parameters<typeof write>) {
      written.push(text);
      write.call(this, text, ...place);
    };
  });
  const [download] = await Promise.all([page.waitForEvent("download"), save()]);
  const lines = await frame.evaluate(() => (globalThis as unknown as Written).written);
  const picture = PNG.sync.read(readFileSync(await download.path()));
  const at = (x: number, y: number) => [...picture.data.subarray(4 * (y * picture.width + x)).subarray(0, 3)];
  return { name: download.suggestedFilename(), picture, at, lines };
}

/** Rows of the file where a bar of these colours lies: at its left end, its middle, its right end. */
export function barRows(
  { picture, at }: Pick<Awaited<ReturnType<typeof savedRow>>, "picture" | "at">,
  ends: number[][],
) {
  const places = [0, SHEET.bar / 2, SHEET.bar - 1].map((x) => SHEET.margin + x);
  const rows = Array.from({ length: picture.height }, (_, y) => y);
  return rows.filter((y) => String(places.map((x) => at(x, y))) === String(ends));
}
