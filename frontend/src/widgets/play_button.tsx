import { isCalm } from "#src/widgets/pace";
import type { Page } from "#src/widgets/page";

/** Plays the steps, and says at what pace where that is not the usual one. */
export function PlayButton({ page }: { page: Page }) {
  const { play, session } = page;
  const on = play.on.value;
  const calm = isCalm();
  const pace = calm ? "one step a second, as your system asks for less motion" : "at most 10 steps a second";
  return (
    <>
      <button
        type="button"
        class="play"
        aria-keyshortcuts="k"
        title={`K: ${pace}`}
        disabled={session.shown.steps.value.length < 2}
        onClick={() => play.toggle()}
      >
        {on ? "❚❚ Pause" : "▶ Play"}
      </button>
      {on && calm ? <span class="quiet">{pace}</span> : null}
    </>
  );
}
