function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** Relative luminance of an sRGB colour, 0..1 (WCAG 2.2). */
export function luminance(colour: readonly [number, number, number]): number {
  return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
}

/** Contrast ratio of two colours, 1..21 (WCAG 2.2). */
export function contrast(a: readonly [number, number, number], b: readonly [number, number, number]): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Black or white, whichever reads better on `background`; at least 4.58 on any colour. */
export function inkOn(background: readonly [number, number, number]): [number, number, number] {
  return contrast([0, 0, 0], background) >= contrast([255, 255, 255], background) ? [0, 0, 0] : [255, 255, 255];
}
