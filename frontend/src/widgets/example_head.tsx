import { useState } from "preact/hooks";
import { Modality, type ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { inputAddress } from "#src/data/server";
import { unturned } from "#src/math/names";
import { numeral } from "#src/math/numerals";
import type { Section } from "#src/state/columns";
import { className } from "#src/widgets/caption";
import { Original } from "#src/widgets/original";
import type { Page } from "#src/widgets/page";
import { SaveButton } from "#src/widgets/save_button";
import { Sparkline } from "#src/widgets/sparkline";

/** A class's name or number; a value of a regression with the digits that a person reads. */
function labelWords(probe: Pick<ProbeBlob, "classNames">, label: number | undefined): string {
  if (label === undefined) {
    return "";
  }
  return Number.isInteger(label) ? className(probe, label) : numeral(label, 4);
}

/**
 * What an example is, below its picture.
 *
 * @param unreadable the browser got no picture from the server, or could make none of what is stored.
 */
export function exampleWords(
  probe: Pick<ProbeBlob, "labels" | "classNames" | "modality" | "inputsStored">,
  example: number,
  unreadable: boolean,
): string {
  const truth = labelWords(probe, probe.labels[example]);
  const missing = probe.modality === Modality.IMAGE && !probe.inputsStored;
  return [
    truth === "" ? "" : `true ${truth}`,
    missing ? "input not stored" : "",
    unreadable ? "input picture cannot be read" : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Its number, and its name where it has one. */
export function exampleName(probe: Pick<ProbeBlob, "names">, example: number): string {
  const name = probe.names[example];
  return name === undefined || name === `#${example}` ? `#${example}` : `#${example} ${unturned(name)}`;
}

interface Props {
  readonly page: Page;
  readonly section: Section;
  readonly probe: ProbeBlob;
  readonly example: number;
  readonly tile: number;
  readonly pinned: boolean;
  readonly onPin: () => void;
}

/** The first cell of a row: the input where it is a picture, its name and its true label. */
export function ExampleHead({ page, section, probe, example, tile, pinned, onPin }: Props) {
  const [unreadable, setUnreadable] = useState(false);
  const picture = probe.modality === Modality.IMAGE && probe.inputsStored;
  const name = probe.names[example];
  return (
    <div class="example">
      {picture && !unreadable ? (
        <Original
          page={page}
          place={{ hash: section.hash, example }}
          alt={`input ${name ?? example}`}
          src={inputAddress(section.run, section.hash, example)}
          inputShape={probe.inputs[probe.shown]?.shape ?? []}
          tile={tile}
          onError={() => setUnreadable(true)}
        />
      ) : null}
      <div class="caption">
        <div class="example-line">
          <div class="example-name" title={name}>
            {exampleName(probe, example)}
          </div>
          {probe.modality === Modality.IMAGE ? (
            <SaveButton page={page} section={section} probe={probe} example={example} />
          ) : null}
          <button
            type="button"
            class="pin"
            tabIndex={-1} // every row has one: the key P does the same for the row that has the focus
            aria-label={`Pin ${exampleName(probe, example)}`}
            aria-pressed={pinned}
            onClick={onPin}
          >
            {pinned ? "pinned" : "pin"}
          </button>
        </div>
        <div class="example-words">{exampleWords(probe, example, unreadable)}</div>
        <Sparkline session={page.session} columns={section.columns} probe={probe} example={example} />
      </div>
    </div>
  );
}
