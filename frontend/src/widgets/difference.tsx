import { Difference } from "#src/state/difference";
import type { Session } from "#src/state/session";
import { DifferenceBar, scaleOf } from "#src/widgets/difference_bar";
import { DifferenceHead } from "#src/widgets/difference_head";
import { DifferencePicker } from "#src/widgets/difference_picker";
import { DifferenceTile } from "#src/widgets/difference_tile";

/** Everything of the difference column, which comes when somebody first wants one. */
export function start(session: Session) {
  const difference = new Difference(session);
  difference.scale.follow();
  return { difference, scaleOf, DifferenceBar, DifferenceHead, DifferencePicker, DifferenceTile };
}
