import type { MapSeries } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { shapeWords } from "#src/data/probe";
import type { Pair } from "#src/state/sides";

/** Characters of a name, and names, in a reason: a log may hold any. */
const LONGEST = 40;
const NAMES = 6;

function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function unlike(what: string, a: string, b: string, more = ""): string[] {
  return a === b ? [] : [`${what}: ${short(a) || "none"} in A, ${short(b) || "none"} in B${more}`];
}

function unlikeParameters(a: MapSeries, b: MapSeries): string[] {
  const [x, y] = [a, b].map((maps) => new Map(maps.parameters.map(({ name, value }) => [name, value])));
  const names = [...new Set([...x!.keys(), ...y!.keys()])].sort();
  const reasons = names.flatMap((name) =>
    unlike(`parameter ${short(name)}`, x!.get(name) ?? "not set", y!.get(name) ?? "not set"),
  );
  const more = reasons.length - NAMES;
  return more > 0 ? [...reasons.slice(0, NAMES), `and ${more} more parameters`] : reasons;
}

function unlikeGrids(a: MapSeries, b: MapSeries): string[] {
  return Array.from({ length: Math.max(a.grids.length, b.grids.length) }, (_, input) => {
    const [x, y] = [a.grids[input], b.grids[input]];
    const cells = unlike("cells", shapeWords(x?.shape ?? []), shapeWords(y?.shape ?? []));
    return cells.length > 0
      ? cells
      : unlike("the method’s own cells", shapeWords(x?.methodShape ?? []), shapeWords(y?.methodShape ?? []));
  }).flat();
}

/**
 * Why two columns cannot be subtracted; none where they can.
 *
 * @param shares of each map: these have no unit, so that methods may differ, and with them their parameters.
 * @param relu negative parts of class activation maps are dropped.
 */
export function refusals({ a, b }: Pair, shares: boolean, relu: boolean): string[] {
  const [x, y] = [a.series?.maps, b.series?.maps];
  if (x === undefined || y === undefined) {
    const [name, column] = x === undefined ? ["A", a] : ["B", b];
    return [`${name}: run ${short(column.run.run)} has no ${short(column.tag)}`];
  }
  if (a.seriesKey === b.seriesKey && a.step === b.step) {
    return ["A and B are the same column"];
  }
  const units = x.method !== y.method && !shares;
  return [
    ...unlike("probe", x.probeHash, y.probeHash),
    ...unlike("target", x.target, y.target),
    ...unlike("explained output", x.scalar, y.scalar),
    ...(units ? unlike("method", x.method, y.method, ": their scores share no unit, shares of each map (S) do") : []),
    ...unlike("scores", x.signed ? "with a sign" : "without a sign", y.signed ? "with a sign" : "without a sign"),
    ...unlike("ReLU", x.cam && relu ? "on" : "off", y.cam && relu ? "on" : "off"),
    ...(x.method === y.method ? unlikeParameters(x, y) : []),
    ...unlikeGrids(x, y),
  ];
}
