import type { ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { ANY, type Range } from "#src/state/find";
import { className } from "#src/widgets/caption";

interface ClassProps {
  readonly label: string;
  readonly value: number | null;
  readonly classes: readonly number[];
  readonly probe: ProbeBlob;
  readonly choose: (value: number | null) => void;
}

/** One of the classes that occur, or any. */
export function ClassChoice({ label, value, classes, probe, choose }: ClassProps) {
  return (
    <label class="option spread">
      {label}
      <select
        value={value ?? ""}
        onChange={({ currentTarget }) => choose(currentTarget.value === "" ? null : Number(currentTarget.value))}
      >
        <option value="">any</option>
        {classes.map((one) => (
          <option key={one} value={one}>
            {className(probe, one)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface RangeProps {
  readonly label: string;
  readonly value: Range;
  readonly most?: number;
  readonly choose: (value: Range) => void;
}

/** Two numbers; an empty box leaves that end open. */
export function RangeChoice({ label, value, most, choose }: RangeProps) {
  const box = (end: 0 | 1, words: string) => (
    <input
      type="number"
      aria-label={`${label}, ${words}`}
      placeholder={words}
      min={0}
      max={most}
      step={most === undefined ? "any" : 0.05}
      value={Number.isFinite(value[end]) ? value[end] : ""}
      onChange={({ currentTarget: { valueAsNumber: typed } }) => {
        const bound = Number.isNaN(typed) ? ANY[end] : typed;
        choose(end === 0 ? [bound, value[1]] : [value[0], bound]);
      }}
    />
  );
  return (
    <fieldset class="option spread range" aria-label={label}>
      <span>{label}</span>
      <span class="range-ends">
        {box(0, "least")}
        {box(1, "most")}
      </span>
    </fieldset>
  );
}
