/** What is so far out of view is still drawn: scrolling shows it soon. CSS pixels. */
const MARGIN = 160;
/** Asks for an element to be drawn though it is out of view. */
const NEEDED = "needed";

const observers = new WeakMap<Element, IntersectionObserver>();
const told = new WeakMap<Element, (near: boolean) => void>();

function observerOf(list: Element): IntersectionObserver {
  const known = observers.get(list);
  const made =
    known ??
    new IntersectionObserver(
      (changes) => {
        for (const { target, isIntersecting } of changes) {
          told.get(target)?.(isIntersecting);
        }
      },
      { root: list, rootMargin: `${MARGIN}px` },
    );
  observers.set(list, made);
  return made;
}

/** Tells when an element of a list that scrolls comes into view, or nearly so, and when it leaves. Returns what stops it. */
export function whenNear(element: HTMLElement, tell: (near: boolean) => void): () => void {
  const list = element.closest(".grid");
  const observer = list === null ? undefined : observerOf(list);
  const needed = () => tell(true);
  told.set(element, tell);
  observer?.observe(element);
  element.addEventListener(NEEDED, needed);
  return () => {
    observer?.unobserve(element);
    element.removeEventListener(NEEDED, needed);
  };
}

/** Has everything drawn that lies in an element, in view or not. */
export function drawAll(element: HTMLElement): void {
  for (const part of element.querySelectorAll(".away")) {
    part.dispatchEvent(new Event(NEEDED));
  }
}
