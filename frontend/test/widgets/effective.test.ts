import { expect, test } from "vitest";
import { Modality } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { sections } from "#src/state/columns";
import { DEFAULTS } from "#src/state/selection";
import { effective } from "#src/widgets/effective";
import { indexOf } from "../state/index_fixture";

/** What can be chosen of maps of a probe; a run per shape. */
function offered(
  modality: Modality,
  shapes: number[][],
  more: { stored?: boolean; cam?: boolean; relu?: boolean } = {},
) {
  const { stored = true, cam = false, relu = true } = more;
  const index = indexOf(Object.fromEntries(shapes.map((shape, at) => [`run ${at}`, [{ tag: "ig", shape }]])));
  for (const { series } of index.runs) {
    series[0]!.maps!.cam = cam;
  }
  const probe = { modality, shown: 0, modalities: [modality], inputsStored: stored };
  return [...effective(sections(index, DEFAULTS), () => probe, { input: null, relu })].sort();
}

test("what is about pictures is offered where there are some", () => {
  expect(offered(Modality.IMAGE, [[7, 7]])).toEqual(["cells", "diverging", "gamma", "overlay", "tile"]);
  expect(offered(Modality.IMAGE, [[7, 7]], { stored: false })).toEqual(["cells", "diverging", "gamma", "tile"]);
  expect(offered(Modality.TEXT, [[9]])).toEqual(["diverging", "gamma"]);
  expect(offered(Modality.TIME_SERIES, [[9, 2]])).toEqual(["diverging", "gamma"]);
  expect(offered(Modality.TABULAR, [[9]])).toEqual(["diverging"]);
});

test("beside units of a layer the pictures are the inputs; one map that is a picture is enough", () => {
  expect(offered(Modality.IMAGE, [[16]])).toEqual(["diverging", "tile"]);
  expect(offered(Modality.IMAGE, [[16], [7, 7]])).toEqual(["cells", "diverging", "gamma", "overlay", "tile"]);
});

test("of palettes those that are on screen: an activation map has a sign without its ReLU", () => {
  expect(offered(Modality.TEXT, [[9]], { cam: true })).toEqual(["gamma", "relu", "sequential"]);
  expect(offered(Modality.TEXT, [[9]], { cam: true, relu: false })).toEqual(["diverging", "gamma", "relu"]);
});

test("nothing is offered for a run without the method, or while a probe is on its way", () => {
  const index = indexOf({ a: [{ tag: "ig", shape: [7, 7] }], b: [{ tag: "cam", hash: "other", shape: [7, 7] }] });
  const all = sections(index, { ...DEFAULTS, methods: ["ig"] });
  const probe = { modality: Modality.IMAGE, shown: 0, modalities: [], inputsStored: true };
  const choices = (hash: string) => [...effective(all, (one) => (one === hash ? probe : undefined), DEFAULTS)];
  expect([choices("h").includes("cells"), choices("other")]).toEqual([true, []]);
});
