/** More lines than this are noise on a screen, and slow to draw. */
const MOST = 20_000;

/**
 * Where cells of different segments meet, as an SVG path in units of cells; "" where there are too many such places.
 *
 * @param ids of height * width cells, row by row.
 */
export function outlines(ids: Int32Array, height: number, width: number): string {
  const lines: string[] = [];
  /** Runs of places along one line where two cells differ. */
  const follow = (length: number, differ: (at: number) => boolean, line: (from: number, run: number) => string) => {
    let from = -1;
    for (let at = 0; at <= length; at++) {
      const isEdge = at < length && differ(at);
      if (isEdge && from < 0) {
        from = at;
      } else if (!isEdge && from >= 0) {
        lines.push(line(from, at - from));
        from = -1;
      }
    }
  };
  for (let y = 1; y < height && lines.length <= MOST; y++) {
    const at = y * width;
    follow(
      width,
      (x) => ids[at + x] !== ids[at + x - width],
      (x, run) => `M${x} ${y}h${run}`,
    );
  }
  for (let x = 1; x < width && lines.length <= MOST; x++) {
    follow(
      height,
      (y) => ids[y * width + x] !== ids[y * width + x - 1],
      (y, run) => `M${x} ${y}v${run}`,
    );
  }
  return lines.length > MOST ? "" : lines.join("");
}
