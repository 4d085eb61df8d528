import { effect } from "@preact/signals";
import type { Index, Run } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import type { Server } from "#src/data/server";
import type { Session } from "#src/state/session";

/** Between two questions to a server that does not answer, ms. */
const AGAIN = 3_000;
/** Answers that may lack what the page shows: a server that has just started reads its log. */
const ANSWERS = 10;

/** Whether an index has what these runs hold: then nothing that is on screen would be lost. */
export function holds(index: Pick<Index, "runs">, runs: readonly Run[]): boolean {
  const found = new Map(index.runs.map((run) => [run.run, run]));
  return runs.every(({ run, series }) =>
    series.every((one) => {
      const now = found.get(run)?.series.find((other) => other.maps?.tag === one.maps?.tag);
      return now !== undefined && now.steps.length >= one.steps.length;
    }),
  );
}

/** Asks for a server that is gone, and reloads when it is back with what is on screen. Returns what stops it. */
export function recover(session: Session, server: Pick<Server, "index">): () => void {
  return effect(() => {
    if (session.reached.value || !session.awake.value) {
      return undefined;
    }
    const abort = new AbortController();
    let answers = 0;
    const ask = async () => {
      const index = await server.index(abort.signal);
      answers++;
      if (holds(index, session.shown.runs.peek()) || answers >= ANSWERS) {
        await session.reload();
      }
    };
    const timer = setInterval(() => ask().catch(() => undefined), AGAIN);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  });
}
