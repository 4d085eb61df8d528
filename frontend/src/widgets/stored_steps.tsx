import type { Column } from "#src/state/columns";
import { known } from "#src/state/loaded";
import type { Session } from "#src/state/session";

/**
 * How much of what was logged the page can show.
 *
 * @param kept steps that TensorBoard keeps of a series; 0 keeps all.
 */
export function storedWords(
  columns: readonly Pick<Column, "series">[],
  steps: number,
  kept: number,
): { words: string; sampled: string } {
  // A series that fills its room may have had more; how many, nobody counted.
  const full = kept > 0 && columns.some(({ series }) => (series?.steps.length ?? 0) >= kept);
  return full
    ? {
        words: `${steps} steps kept`,
        sampled:
          `TensorBoard keeps at most ${kept} steps of a series and may have dropped others: ` +
          "--samples_per_plugin=attribution=0 keeps all",
      }
    : { words: `${steps} of ${steps} steps stored`, sampled: "" };
}

export function StoredSteps({ session }: { session: Session }) {
  const { columns, steps } = session.shown;
  const kept = known(session.index.value)?.samplesPerPlugin ?? 0;
  const { words, sampled } = storedWords(columns.value, steps.value.length, kept);
  return (
    <>
      <span class="quiet stored">{words}</span>
      {sampled === "" ? null : <span class="badge">{sampled}</span>}
    </>
  );
}
