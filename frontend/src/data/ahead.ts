/** Steps fetched on either side of the thumb before they are asked for. */
export const RADIUS = 16;

/**
 * Which steps to fetch ahead of a scrub: those within `RADIUS` of the thumb, nearest first, later ones
 * before earlier ones of the same distance.
 *
 * @param at index of the step on screen.
 */
export function ahead(count: number, at: number, radius = RADIUS): number[] {
  const order: number[] = [];
  for (let distance = 1; distance <= radius; distance++) {
    for (const index of [at + distance, at - distance]) {
      if (index >= 0 && index < count) {
        order.push(index);
      }
    }
  }
  return order;
}
