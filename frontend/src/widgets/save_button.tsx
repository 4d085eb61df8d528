import type { ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import type { Section } from "#src/state/columns";
import type { Place } from "#src/state/current";
import type { Page } from "#src/widgets/page";

/** The button that saves a row; a key presses it. */
export function saveButtonId({ hash, example }: Place): string {
  return `save-${hash}-${example}`;
}

interface Props {
  readonly page: Page;
  readonly section: Section;
  readonly probe: ProbeBlob;
  readonly example: number;
}

/** Saves the row that it stands in as a picture. */
export function SaveButton({ page, section, probe, example }: Props) {
  const save = async ({ currentTarget }: Event) => {
    const button = currentTarget as HTMLElement;
    try {
      const { saveRow } = await import("#src/widgets/row_picture");
      await saveRow(page, section, probe, example, button.closest<HTMLElement>(".row")!);
    } catch (error) {
      const { left, bottom } = button.getBoundingClientRect();
      page.tip({ clientX: left, clientY: bottom }, [`The row was not saved: ${(error as Error).message}`]);
    }
  };
  return (
    <button
      id={saveButtonId({ hash: section.hash, example })}
      type="button"
      class="pin"
      tabIndex={-1} // every row has one: the key E does the same for the row that has the focus
      aria-label={`Save example ${example} and its maps as PNG`}
      onClick={save}
    >
      PNG
    </button>
  );
}
