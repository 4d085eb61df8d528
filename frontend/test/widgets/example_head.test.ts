import { expect, test } from "vitest";
import { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { exampleWords } from "#src/widgets/example_head";

const PROBE = { labels: [3, 1], classNames: ["a", "b", "c", "cls3"], modality: Modality.IMAGE, inputsStored: true };

test("the true label stands apart from what there is to say of the input", () => {
  expect(exampleWords(PROBE, 0, false)).toBe("true cls3");
  expect(exampleWords({ ...PROBE, inputsStored: false }, 0, false)).toBe("true cls3 · input not stored");
  expect(exampleWords({ ...PROBE, labels: [], inputsStored: false }, 0, false)).toBe("input not stored");
  expect(exampleWords({ ...PROBE, classNames: [], modality: Modality.TABULAR }, 1, false)).toBe("true 1");
});

test("an input that the browser cannot read is said to be so", () => {
  expect(exampleWords(PROBE, 1, true)).toBe("true b · input picture cannot be read");
});

test("a regression's value has the digits that a person reads", () => {
  expect(exampleWords({ ...PROBE, labels: [2.8159546852111816], classNames: [] }, 0, false)).toBe("true 2.816");
});
