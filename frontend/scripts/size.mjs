// Fails when what a person loads first is larger than the limit.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 90 * 1024;
const FIRST = new URL("../../tb_attribution_plugin/static/index.js", import.meta.url);

const code = readFileSync(FIRST);
const size = gzipSync(code, { level: 9 }).length;
console.log(`first load: ${size} bytes gzip of ${LIMIT} allowed`);
// Chunks that the entry imports at once would count too; there must be none.
const eager = /^import[^(]*?["']\.\//m.test(code.toString("utf8"));
if (eager || size > LIMIT) {
  console.error(
    eager ? "the entry imports another chunk at once" : "too large: move what few views need behind import()",
  );
  process.exit(1);
}
