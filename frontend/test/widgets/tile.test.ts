import { expect, test } from "vitest";
import { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { sections } from "#src/state/columns";
import { DEFAULTS } from "#src/state/selection";
import { listed, readsInput, subjectOf } from "#src/widgets/tile";
import { indexOf } from "../state/index_fixture";

test("a list of names ends", () => {
  expect(listed(["cam", "ig"])).toBe("cam, ig");
  expect(listed(Array(20_000).fill("m"))).toBe(`${Array(12).fill("m").join(", ")} and 19988 more`);
});

const PROBE = {
  modality: Modality.TEXT,
  shown: 1,
  modalities: [Modality.TABULAR, Modality.TEXT],
  inputs: [{ shape: [2] }, { shape: [3] }],
  inputsStored: true,
  tokens: [{ tokens: ["a", "b", "c"] }],
  featureNames: ["age", "fare"],
};

test("what a probe says of one input is not said of another", () => {
  const index = indexOf({ a: [{ tag: "ig", shape: [3] }] });
  const [section] = sections(index, DEFAULTS);
  const [column] = section!.columns;
  const about = (input: number, probe = PROBE) => {
    const { picture, tokens, featureNames, inputShape } = subjectOf(section!, column!, probe as never, 0, input);
    return { picture: picture !== undefined, tokens, featureNames, inputShape };
  };
  expect(about(0)).toEqual({ picture: false, tokens: [], featureNames: [], inputShape: [2] });
  expect(about(1)).toMatchObject({ tokens: ["a", "b", "c"], featureNames: ["age", "fare"], inputShape: [3] });
  expect([0, 1].map((input) => readsInput(PROBE as never, column!, input))).toEqual([true, false]);
  const photos = { ...PROBE, modality: Modality.IMAGE, shown: 0 };
  expect([0, 1].map((input) => about(input, photos).picture)).toEqual([true, false]);
  // Pictures are all that is stored of such a probe.
  expect(readsInput(photos as never, column!, 1)).toBe(false);
});
