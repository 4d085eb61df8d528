import { percent, signed } from "#src/math/numerals";
import type { Look } from "#src/views/view";

/** What a person reads of one stored value. */
export function reading(value: number, look: Look): string[] {
  if (!Number.isFinite(value)) {
    return [`${signed(value)}: not finite`];
  }
  const ofMap = look.sum === undefined ? "" : `${percent(Math.abs(value) / look.sum)} of the map’s sum, `;
  const share = `${ofMap}${percent(Math.abs(value) / look.scale.vmax)} of the scale`;
  const end = Math.abs(value) > look.scale.vmax ? ", beyond the bar" : "";
  const dropped = look.relu && value < 0 ? "drawn as 0 (ReLU)" : undefined;
  return [`${signed(value, 4)}  (${dropped ?? share + end})`];
}
