import type { Tip } from "#src/views/view";

/**
 * Shows what `read` says of the place under the pointer, as long as it is over `root`. Returns what stops it.
 *
 * @param read no lines where there is nothing to say.
 */
export function readUnderPointer(
  root: HTMLElement,
  tip: Tip,
  read: (event: PointerEvent) => readonly string[],
): () => void {
  const move = (event: PointerEvent) => tip(event, read(event));
  const leave = (event: PointerEvent) => tip(event, []);
  root.addEventListener("pointermove", move);
  root.addEventListener("pointerleave", leave);
  return () => {
    root.removeEventListener("pointermove", move);
    root.removeEventListener("pointerleave", leave);
  };
}
