/** No more than 10 steps a second, ms. */
const PACE = 100;
const CALM_PACE = 1000;

/** Whether a person asked the system for less motion. */
export function isCalm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Calls back when what is on screen now has been drawn and has stood for as long as a step does. Returns what stops it. */
export function standing(then: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(then, isCalm() ? CALM_PACE : PACE);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
