// Saves a picture of the Attribution tab of a running TensorBoard.
//
//   npm run screenshot -- --url http://localhost:6006 --out page.png [--dark] [--step 1200] [--runs a/attribution,b/attribution]
//       [--method grad_cam,integrated_gradients] [--width 1280] [--height 800]
import { parseArgs } from "node:util";
import { launch, openTab, settled } from "./browser.mjs";

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    out: { type: "string" },
    dark: { type: "boolean", default: false },
    step: { type: "string" },
    runs: { type: "string" },
    method: { type: "string" },
    width: { type: "string", default: "1280" },
    height: { type: "string", default: "800" },
  },
});
if (values.url === undefined || values.out === undefined) {
  console.error("screenshot needs --url (of a running TensorBoard) and --out (a .png)");
  process.exit(2);
}

const browser = await launch();
try {
  const page = await browser.newPage({
    viewport: { width: Number(values.width), height: Number(values.height) },
    deviceScaleFactor: 1,
  });
  if (values.dark) {
    // TensorBoard keeps its theme here.
    await page.addInitScript(() => localStorage.setItem("_tb_global_settings", JSON.stringify({ theme: "dark" })));
    await page.emulateMedia({ colorScheme: "dark" });
  }
  const link = ["step", "runs", "method"]
    .filter((name) => values[name] !== undefined)
    .map((name) => `&p.attribution.${name}=${encodeURIComponent(values[name])}`)
    .join("");
  const frame = await openTab(page, values.url, link);
  await settled(frame);
  await page.screenshot({ path: values.out });
} finally {
  await browser.close();
}
