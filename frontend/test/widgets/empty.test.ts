import { expect, test } from "vitest";
import { logdirWords } from "#src/widgets/empty";

test("a log directory that is not there, one without runs, and one with others' runs have words of their own", () => {
  expect(logdirWords({ logdirMissing: true, otherRuns: [] }).title).toBe("The log directory does not exist");
  expect(logdirWords({ logdirMissing: false, otherRuns: [] }).title).toBe("No runs yet");
  expect(logdirWords({ logdirMissing: false, otherRuns: ["x/train"] })).toEqual({
    title: "No attributions in these runs",
    found: ". There is one run here, without attributions.",
  });
});
