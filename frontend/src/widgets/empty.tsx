import type { ComponentChildren } from "preact";
import type { Index } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";

const SNIPPET = `import tb_attribution_plugin as tba

probe = tba.Probe(x_val[:16], y_val[:16])
callback = tba.AttributionCallback(LOG_DIR, probe)
model.fit(x_train, y_train, callbacks=[callback])`;

const LISTED = 20;

function count(runs: number): string {
  return runs === 1 ? "There is one run here" : `There are ${runs} runs here`;
}

/** What TensorBoard reads, and what it found there. */
export function logdirWords({ logdirMissing, otherRuns }: Pick<Index, "logdirMissing" | "otherRuns">) {
  if (logdirMissing) {
    return {
      title: "The log directory does not exist",
      found: ", and there is no such folder. A relative path starts where TensorBoard was started.",
    };
  }
  return otherRuns.length === 0
    ? { title: "No runs yet", found: ", and there are no runs in it." }
    : { title: "No attributions in these runs", found: `. ${count(otherRuns.length)}, without attributions.` };
}

/** A page without maps says what to do about it. */
export function NoMaps({ index, children }: { index: Index; children: ComponentChildren }) {
  const others = index.otherRuns;
  const logdir = index.logdir || "the log directory";
  const more = others.length - LISTED;
  const { title, found } = logdirWords(index);
  return (
    <div class="words">
      <h1>{title}</h1>
      <p>
        {"TensorBoard reads "}
        <code>{logdir}</code>
        {`${found} Add the callback to model.fit and let it write there:`}
      </p>
      <pre>{SNIPPET.replace("LOG_DIR", () => JSON.stringify(`${logdir.replace(/\/$/, "")}/my_run`))}</pre>
      {others.length === 0 ? null : (
        <p class="quiet">
          Runs without attributions: {others.slice(0, LISTED).join(", ")}
          {more > 0 ? ` and ${more} more` : ""}
        </p>
      )}
      {children}
    </div>
  );
}

/** Nothing can be shown at all. */
export function Failure({ words, retry }: { words: string; retry: () => void }) {
  return (
    <main class="words" role="alert">
      <h1>The list of runs could not be read</h1>
      <p>{words}</p>
      <button type="button" class="choice" onClick={retry}>
        Try again
      </button>
    </main>
  );
}
