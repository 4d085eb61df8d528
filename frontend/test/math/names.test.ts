import { expect, test } from "vitest";
import { inSentence, unturned } from "#src/math/names";

test("what turns the direction of writing is shown, and does not turn", () => {
  expect(unturned("a\u202egpj.exe\u202c \u2067z\u2069")).toBe("a\ufffdgpj.exe\ufffd \ufffdz\ufffd");
});

test("a name of any length leaves room for what is said of it", () => {
  expect(inSentence("c".repeat(10_000))).toBe(`${"c".repeat(120)}…`);
  expect(inSentence("c".repeat(120))).toBe("c".repeat(120));
});

test("a name from right to left stands alone in its sentence, another as it is", () => {
  expect(inSentence("ring")).toBe("ring");
  expect(inSentence("שלום")).toBe("\u2068שלום\u2069");
  expect(inSentence("שלום\u2069")).toBe("\u2068שלום\ufffd\u2069"); // a name cannot end its own isolation
});
