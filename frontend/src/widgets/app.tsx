import { known } from "#src/state/loaded";
import type { Session } from "#src/state/session";
import { ColourBar } from "#src/widgets/colour_bar";
import { CopyLink } from "#src/widgets/copy_link";
import { Curves } from "#src/widgets/curves";
import { DifferenceControl } from "#src/widgets/difference_control";
import { DifferencePart } from "#src/widgets/difference_part";
import { Failure, NoMaps } from "#src/widgets/empty";
import { Grid } from "#src/widgets/grid";
import { HelpSheet } from "#src/widgets/help_sheet";
import { Notices } from "#src/widgets/notices";
import type { Page } from "#src/widgets/page";
import { AcrossPicker, InputPicker, MethodPicker, TargetPicker } from "#src/widgets/pickers";
import { RowsBar } from "#src/widgets/rows_bar";
import { SidePanel, SideToggle } from "#src/widgets/side_panel";
import { StepBar } from "#src/widgets/step_bar";

interface Props {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** The address of the whole TensorBoard, where the page may read it. */
  readonly link: () => string | undefined;
}

function Maps({ page }: { page: Page }) {
  const { session } = page;
  if (session.shown.runs.value.length === 0) {
    return <p class="words">No run is chosen. Tick one in the panel.</p>;
  }
  if (session.shown.steps.value.length === 0) {
    return <p class="words">None of the chosen runs has these methods with a stored step.</p>;
  }
  return (
    <>
      <RowsBar page={page} />
      <Grid page={page} />
    </>
  );
}

function Reload({ session }: { session: Session }) {
  const busy = session.reloading.value;
  return (
    <button type="button" class="choice" disabled={busy} onClick={() => session.reload()}>
      {busy ? "Reloading" : "Reload"}
    </button>
  );
}

/** The whole page. */
export function App({ page, complaints, link }: Props) {
  const { session } = page;
  const loaded = session.index.value;
  const index = known(loaded);
  if (loaded.state === "failed") {
    return <Failure words={loaded.words} retry={() => session.reload()} />;
  }
  if (index === undefined) {
    return <p class="words">Reading the list of runs</p>;
  }
  const notices = <Notices session={session} complaints={complaints} />;
  if (index.runs.length === 0) {
    return (
      <main class="empty">
        {notices}
        <NoMaps index={index}>
          <Reload session={session} />
        </NoMaps>
      </main>
    );
  }
  const tags = [...new Set(session.shown.columns.value.map((column) => column.tag))];
  return (
    <div class="app">
      <header class="top-bar">
        <SideToggle page={page} />
        <MethodPicker session={session} />
        <TargetPicker session={session} />
        <InputPicker session={session} />
        <AcrossPicker session={session} />
        <DifferenceControl page={page} />
        <span class="control of-page">
          <Reload session={session} />
          <button type="button" class="choice" aria-label="Keys" onClick={() => (page.help.value = true)}>
            ?
          </button>
          <CopyLink link={link} selection={session.selection} />
        </span>
      </header>
      <SidePanel page={page} />
      <main class="main">
        {notices}
        <div class="bars-strip">
          {tags.map((tag) => (
            <ColourBar key={tag} session={session} tag={tag} />
          ))}
          {session.shown.pair.value === undefined ? null : (
            <DifferencePart page={page}>
              {({ DifferenceBar, difference }) => <DifferenceBar session={session} difference={difference} />}
            </DifferencePart>
          )}
        </div>
        <Maps page={page} />
      </main>
      <Curves page={page} />
      <StepBar page={page} />
      <HelpSheet page={page} />
    </div>
  );
}
