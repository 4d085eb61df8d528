/**
 * The names that a picker offers where there may be thousands: all when they are few; else those on screen, then others
 * that contain `filter`.
 *
 * @param shown kept even where they are not among `all`: a link may ask for such a name, and it must be possible to drop it.
 * @param most names at once.
 */
export function offered(
  all: readonly string[],
  shown: readonly string[],
  filter: string,
  most: number,
): { names: string[]; more: number } {
  const known = new Set(all);
  if (all.length <= most) {
    return { names: [...all, ...shown.filter((name) => !known.has(name))], more: 0 };
  }
  const kept = new Set(shown);
  const wanted = filter.trim().toLowerCase();
  const others = all.filter((name) => !kept.has(name) && name.toLowerCase().includes(wanted));
  const room = Math.max(0, most - kept.size);
  return { names: [...kept, ...others.slice(0, room)], more: Math.max(0, others.length - room) };
}
