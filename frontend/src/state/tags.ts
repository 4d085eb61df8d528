import type { Run, Series } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import type { Selection } from "#src/state/selection";

const FIRST_METHODS = 2;

export function methodOf(tag: string): string {
  return tag.split("/", 1)[0] ?? tag;
}

export function targetOf(tag: string): string {
  return tag.slice(methodOf(tag).length + 1);
}

export function tagOf(method: string, target: string): string {
  return target === "" ? method : `${method}/${target}`;
}

/** The series of that tag, else the one that explains its target without naming it. */
export function seriesOfTag(run: Run, tag: string): Series | undefined {
  const found = run.series.find((candidate) => candidate.maps?.tag === tag);
  return found ?? run.series.find(({ maps }) => maps?.tag === methodOf(tag) && maps.target === targetOf(tag));
}

function tags(runs: readonly Run[]): string[] {
  return [...new Set(runs.flatMap((run) => run.series.map((series) => series.maps?.tag ?? "")))].filter(Boolean);
}

/** Methods that any of the runs has. */
export function methods(runs: readonly Run[]): string[] {
  return [...new Set(tags(runs).map(methodOf))].sort();
}

export function shownMethods(runs: readonly Run[], selection: Pick<Selection, "methods">): string[] {
  return selection.methods === null ? methods(runs).slice(0, FIRST_METHODS) : [...selection.methods];
}

/** Of each run its named targets, as `targets` has them. */
function targetsByRun(runs: readonly Run[]): string[][] {
  const names = new Set(tags(runs).map(targetOf));
  return runs.map((run) => {
    const found = run.series.flatMap(({ maps }) => {
      const [name, target] = [targetOf(maps?.tag ?? ""), maps?.target ?? ""];
      const same = name === "" && names.has(target) && seriesOfTag(run, tagOf(maps?.tag ?? "", target))?.maps === maps;
      return maps?.tag ? [same ? target : name] : [];
    });
    return [...new Set(found)];
  });
}

/**
 * Named targets that any of the runs has; [""] where targets have no names. A series that names none counts as that
 * which it explains, where another run names it: one picker shows both.
 */
export function targets(runs: readonly Run[]): string[] {
  return [...new Set(targetsByRun(runs).flat())].sort();
}

/** The chosen target; else of those that most of the runs have the label, or the first. */
export function shownTarget(runs: readonly Run[], selection: Pick<Selection, "target">): string {
  const counts = new Map<string, number>();
  for (const target of targetsByRun(runs).flat()) {
    counts.set(target, (counts.get(target) ?? 0) + 1);
  }
  if (selection.target !== null && counts.has(selection.target)) {
    return selection.target;
  }
  const most = Math.max(...counts.values());
  const common = [...counts.keys()].filter((target) => counts.get(target) === most).sort();
  // "" stands first: the target of tags that name none, most often the label.
  return common[0] !== "" && common.includes("label") ? "label" : (common[0] ?? "");
}
