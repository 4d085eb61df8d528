import type { Index } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";

const SNIPPET = `import tb_attribution_plugin as tba

callback = tba.AttributionCallback(LOG_DIR, tba.Probe(x_val[:16], y_val[:16]))
model.fit(x_train, y_train, callbacks=[callback])`;

/** A page without maps says what to do about it. */
export function NoMaps({ index }: { index: Index }) {
  const others = index.otherRuns;
  const logdir = index.logdir || "the log directory";
  return (
    <div class="words">
      <h1>{others.length === 0 ? "No runs yet" : "No attributions in these runs"}</h1>
      <p>
        {others.length === 0
          ? "TensorBoard reads "
          : `None of the ${others.length} runs has attributions. TensorBoard reads `}
        <code>{logdir}</code>
        {". Add the callback to model.fit and let it write there:"}
      </p>
      <pre>{SNIPPET.replace("LOG_DIR", JSON.stringify(`${logdir.replace(/\/$/, "")}/my_run`))}</pre>
      {others.length === 0 ? null : (
        <p class="quiet">
          Runs without attributions: {others.slice(0, 20).join(", ")}
          {others.length > 20 ? ` and ${others.length - 20} more` : ""}
        </p>
      )}
    </div>
  );
}

export function Failure({ words, retry }: { words: string; retry: () => void }) {
  return (
    <div class="words" role="alert">
      <h1>The list of runs could not be read</h1>
      <p>{words}</p>
      <button type="button" class="choice" onClick={retry}>
        Try again
      </button>
    </div>
  );
}
