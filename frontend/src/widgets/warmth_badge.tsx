import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { MapSeries } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { percent } from "#src/math/numerals";
import type { Column } from "#src/state/columns";
import { known } from "#src/state/loaded";
import { shownStep } from "#src/state/tile";
import { isWarm, statisticsOf, type Warmth, warmthAt, warmthTags } from "#src/state/warmth";
import type { Page } from "#src/widgets/page";

/** After a restore nobody knows how often they were updated, so that the debiased ones are the moving ones. */
const BEFORE_FIT = "Statistics that a fit starts with, as one that resumes, count as learned, however young they are.";

interface Words {
  readonly name: string;
  readonly lines: readonly string[];
  /** The maps of this step are of statistics that lag. */
  readonly lags: boolean;
}

function shareOf(value: number, examples: number): string {
  return `${percent(value)} (${Math.round(value * examples)} of ${examples})`;
}

function measured(warmth: Warmth, examples: number, step: number): string {
  const where = `step ${warmth.step}${warmth.step === step ? "" : ", the last one kept before this step"}`;
  return "agreement" in warmth
    ? `At ${where}, ${shareOf(warmth.agreement, examples)} of the probe are predicted alike with BatchNorm's moving ` +
        "statistics and with the debiased ones."
    : `Accuracy on the probe at ${where}: ` +
        `${shareOf(warmth.moving, examples)} with BatchNorm's moving statistics, ` +
        `${shareOf(warmth.debiased, examples)} with the debiased ones.`;
}

/**
 * What a column says of BatchNormalization.
 *
 * @param step the one that the column shows.
 */
export function warmthWords(warmth: Warmth, maps: MapSeries, step: number): Words {
  const found = measured(warmth, maps.examples, step);
  if (isWarm(warmth)) {
    return {
      name: "BatchNorm warm",
      lines: [found, "The probe shows no difference at this step; one of few examples can miss it.", BEFORE_FIT],
      lags: false,
    };
  }
  const used = statisticsOf(maps);
  if (used === "debiased") {
    const lines = [found, "The maps of this step are of the debiased statistics, which do not lag."];
    return { name: "BatchNorm debiased", lines, lags: false };
  }
  const lag =
    used === "moving"
      ? "The maps of this step are of the moving statistics, which lag behind what is trained."
      : "The log does not say which of them the maps are of. The moving ones, the default, lag behind what is trained.";
  const way = 'AttributionCallback(..., batchnorm="debiased") explains with the debiased ones.';
  return { name: "BatchNorm not warm", lines: [found, lag, way], lags: true };
}

function read(page: Page, column: Column, maps: MapSeries): Words | undefined {
  const shown = shownStep(column, page.session.shown.stepOf(column));
  if (shown === undefined) {
    return undefined;
  }
  const asked = warmthTags(column.run).map((tag) => page.session.scalarsOf(column.run, tag));
  const failed = asked.find((one) => one.state === "failed");
  if (failed !== undefined) {
    return { name: "BatchNorm unknown", lines: [`What was measured could not be read: ${failed.words}`], lags: false };
  }
  const scalars = asked.flatMap((one) => known(one) ?? []);
  const warmth = scalars.length < asked.length ? undefined : warmthAt(scalars, shown.step);
  return warmth && warmthWords(warmth, maps, shown.step);
}

/** Says whether the moving statistics of BatchNormalization have caught up at the step on screen, and what it means. */
export function WarmthBadge({ page, column, maps }: { page: Page; column: Column; maps: MapSeries }) {
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const [open, setOpen] = useState(false);
  const words = read(page, column, maps);
  const said = words?.lines.join(" ");
  useLayoutEffect(() => {
    const box = button.current?.getBoundingClientRect();
    if (!open || box === undefined || words === undefined) {
      return undefined;
    }
    const at = { clientX: box.left, clientY: box.bottom };
    page.tip(at, words.lines);
    return () => page.tip(at, []);
  }, [open, said]);
  if (words === undefined) {
    // What is said at another step, or later, moves no row.
    return warmthTags(column.run).length > 0 ? <div class="warmth quiet">{"\u00a0"}</div> : null;
  }
  return (
    <div>
      <button
        ref={button}
        type="button"
        class={words.lags ? "warmth badge" : "warmth quiet"}
        aria-describedby={id}
        onPointerEnter={() => setOpen(true)}
        onPointerLeave={() => setOpen(false)}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={(event) => event.key === "Escape" && setOpen(false)}
      >
        {words.name}
      </button>
      <span id={id} class="unseen">
        {said}
      </span>
    </div>
  );
}
