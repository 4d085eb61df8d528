import { DisplayOptions } from "#src/widgets/display_options";
import { FindPanel } from "#src/widgets/find_panel";
import type { Page } from "#src/widgets/page";
import { RunPicker } from "#src/widgets/run_picker";

const PANEL = "side";
const TOGGLE = "side-toggle";

/** Opens the panel where it lies over the maps; elsewhere it is there, and this is not. */
export function SideToggle({ page: { side } }: { page: Page }) {
  return (
    <button
      id={TOGGLE}
      type="button"
      class="choice side-toggle"
      aria-expanded={side.value}
      aria-controls={PANEL}
      onClick={() => {
        side.value = !side.value;
      }}
    >
      Panel
    </button>
  );
}

/** What is shown, and how. */
export function SidePanel({ page }: { page: Page }) {
  const { session, side } = page;
  return (
    <nav
      id={PANEL}
      class={side.value ? "side open" : "side"}
      aria-label="Runs, examples and display"
      onKeyDown={(event) => {
        if (event.key === "Escape" && side.value) {
          side.value = false;
          document.getElementById(TOGGLE)?.focus();
        }
      }}
    >
      <RunPicker session={session} />
      <FindPanel page={page} />
      <DisplayOptions session={session} />
    </nav>
  );
}
