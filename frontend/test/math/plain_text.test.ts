import { expect, test } from "vitest";
import { fileName, oneLine } from "#src/math/plain_text";

test("a text of any length and direction is one line", () => {
  expect(oneLine("a\u202eb\nc")).toBe("a b c");
  expect(oneLine("größte 映画 🎬")).toBe("größte 映画 🎬");
  expect([...oneLine("🎬".repeat(10_000))].length).toBe(300);
});

test("a file's name holds letters and digits, and no way out of its directory", () => {
  expect(fileName(["#3 ring", "a/attribution", "step 10"], "png")).toBe("3-ring_a-attribution_step-10.png");
  expect(fileName(["../../etc/passwd", "\u202egnp.exe"], "png")).toBe("etc-passwd_gnp-exe.png");
  expect(fileName(["größte 映画"], "png")).toBe("größte-映画.png");
  expect(fileName(["", "///"], "png")).toBe("row.png");
  expect(fileName(["x".repeat(10_000)], "png")).toBe(`${"x".repeat(80)}.png`);
});
