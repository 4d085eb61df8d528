import { expect, test } from "vitest";
import { FIELD_NAMES, FIELDS } from "#src/state/fields";
import { fromLink, toLink } from "#src/state/link";
import { DEFAULTS, type Selection } from "#src/state/selection";

/** Nothing here is default. */
const CHOSEN: Partial<Selection> = {
  runs: ["a,b/x", "%2C"],
  methods: ["ig"],
  target: "",
  across: "steps",
  difference: { a: { run: "a,b:c/x", method: "ig", step: null }, b: { run: "", method: "%3A", step: 0.5 } },
  step: 0,
  outcome: "wrong",
  label: 0,
  prediction: 2,
  probability: [0.25, 1],
  residual: [Number.NEGATIVE_INFINITY, 1e-6],
  text: "a=b&c, d",
  sort: "-drift",
  rowsStep: 0,
  pins: { "h:1,2": [0, 3], g: [7] },
  input: 1,
  relu: false,
  cells: true,
  overlay: false,
  opacity: 0.25,
  diverging: "PuOr",
  sequential: "magma",
  scope: "manual",
  ends: { "ig/a,b:c": 0.5, cam: 2e-9 },
  gamma: 0.5,
  clip: 0.999,
  tile: 96,
};

test("what is default is not in the link", () => {
  expect(toLink(DEFAULTS)).toEqual({});
});

test("everything else comes back from its link", () => {
  const values = toLink({ ...DEFAULTS, ...CHOSEN });
  expect(Object.keys(values)).toHaveLength(Object.keys(CHOSEN).length);
  expect(fromLink(values)).toEqual({ asked: CHOSEN, complaints: [] });
});

test("a default that this machine would not open with is in the link", () => {
  expect(toLink({ ...DEFAULTS, tile: 96 }, { ...DEFAULTS, cells: true, tile: 96 })).toEqual({
    cells: "false",
    tile: "96",
  });
});

test("no run chosen is not the page's choice of runs", () => {
  expect(toLink({ ...DEFAULTS, runs: [] })).toEqual({ runs: "" });
  expect(fromLink({ runs: "" }).asked).toEqual({ runs: [] });
});

test("bad values are reported, the good ones beside them hold", () => {
  const { asked, complaints } = fromLink({ step: "soon", method: "ig", across: "time", runs: "%zz", opacity: "1.5" });
  expect(asked).toEqual({ methods: ["ig"] });
  expect(complaints).toEqual([
    "The link's step=soon was ignored: a step is a number.",
    "The link's across=time was ignored: one of runs, methods, steps.",
    "The link's runs=%zz was ignored: names stand between commas, with %2C for a comma in a name.",
    "The link's opacity=1.5 was ignored: an opacity lies between 0 and 1.",
  ]);
});

test.each(["ig", "ig:0", "ig:-1", "ig:x", "%zz:1", "ig:"])("ends=%s is no end of a scale", (text) => {
  expect(fromLink({ ends: text })).toEqual({
    asked: {},
    complaints: [`The link's ends=${text} was ignored: ${FIELDS.ends.rule}.`],
  });
});

test.each([
  ["label", "cat"],
  ["predicted", "-1"],
  ["p", "0.5"],
  ["p", "0..1..2"],
  ["residual", "x..1"],
  ["sort", "size"],
  ["difference", "a,ig"],
  ["difference", "a,ig:b"],
  ["difference", "a,ig:b,ig,soon"],
  ["difference", "a,ig,1,2:b,ig"],
  ["difference", "a,ig:b,ig:c,ig"],
  ["difference", "a,%zz:b,ig"],
  ["pins", "h"],
  ["pins", "h:1.x"],
  ["pins", "h:1:2"],
  ["pins", "%zz:1"],
  ["found_at", ""],
])("%s=%s cannot be meant", (key, text) => {
  const { asked, complaints } = fromLink({ [key]: text });
  expect(asked).toEqual({});
  expect(complaints).toEqual([expect.stringContaining(`The link's ${key}=${text} was ignored: `)]);
});

test("an open range is not in the link, a range may be open at one end", () => {
  expect(fromLink({ p: "..0.5", residual: "1.." }).asked).toEqual({
    probability: [Number.NEGATIVE_INFINITY, 0.5],
    residual: [1, Number.POSITIVE_INFINITY],
  });
});

test("a key that is none is reported with those that are, also one that every object has", () => {
  const { complaints } = fromLink({ colour: "jet", constructor: "x" });
  const known = FIELD_NAMES.map((name) => FIELDS[name].key).join(", ");
  expect(complaints).toEqual([
    `The link's colour=jet was ignored: known keys: ${known}.`,
    `The link's constructor=x was ignored: known keys: ${known}.`,
  ]);
});

test("no two fields share a key", () => {
  expect(new Set(FIELD_NAMES.map((name) => FIELDS[name].key)).size).toBe(FIELD_NAMES.length);
});
