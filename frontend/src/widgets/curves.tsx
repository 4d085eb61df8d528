import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { words } from "#src/data/server";
import type { Session } from "#src/state/session";
import type { Page } from "#src/widgets/page";

/** Opens and closes the strip of curves. */
export function CurvesButton({ session }: { session: Session }) {
  const open = session.asked.value.curves;
  return (
    <button
      type="button"
      class="choice"
      aria-expanded={open}
      aria-controls={open ? "curves" : undefined}
      onClick={() => session.update((selection) => ({ ...selection, curves: !open }))}
    >
      {open ? "Curves ▾" : "Curves ▴"}
    </button>
  );
}

/** The strip, whose code is loaded when it is first opened. */
export function Curves({ page }: { page: Page }) {
  const open = page.session.asked.value.curves;
  const [loaded, setLoaded] = useState<
    { readonly Strip: ComponentType<{ page: Page }> } | { readonly words: string }
  >();
  useEffect(() => {
    if (open && loaded === undefined) {
      import("#src/widgets/curve_strip").then(
        ({ CurveStrip }) => setLoaded({ Strip: CurveStrip }),
        (error) => setLoaded({ words: `The curves cannot be loaded (${words(error)}). Load the page again.` }),
      );
    }
  }, [open]);
  if (!open || loaded === undefined) {
    return null;
  }
  return "words" in loaded ? <p class="notices">{loaded.words}</p> : <loaded.Strip page={page} />;
}
