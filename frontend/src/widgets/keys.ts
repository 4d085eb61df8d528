import type { Page } from "#src/widgets/page";

const STRIDE = 10;

const TYPED_INTO = "input:not([type=checkbox]), select, textarea, [contenteditable]";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest(TYPED_INTO) !== null;
}

/** Directs keys to this frame, unless somebody types into the page around it. */
export function takeKeys(host: Document): void {
  const active = host.activeElement;
  if (active?.closest(TYPED_INTO) == null) {
    window.focus();
  }
}

/** Keys that work anywhere on the page. Returns what removes them. */
export function listenToKeys(page: Page, target: Document): () => void {
  const { session } = page;
  const step = (by: number) => session.setStep(session.shown.at.peek() + by);
  const flip = (name: "cells" | "overlay") => session.update((s) => ({ ...s, [name]: !s[name] }));
  const actions: Record<string, (event: KeyboardEvent) => void> = {
    ArrowLeft: (event) => step(event.shiftKey ? -STRIDE : -1),
    ArrowRight: (event) => step(event.shiftKey ? STRIDE : 1),
    Home: () => session.setStep(0),
    End: () => session.setStep(session.shown.steps.peek().length - 1),
    g: () => flip("cells"),
    o: () => flip("overlay"),
    " ": () => {
      page.peek.value = true;
    },
  };
  const down = (event: KeyboardEvent) => {
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const onButton = event.key === " " && (event.target as HTMLElement | null)?.closest?.("button, input") != null;
    if (action === undefined || isTyping(event.target) || onButton || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    event.preventDefault();
    action(event);
  };
  const up = (event: KeyboardEvent) => {
    if (event.key === " ") {
      page.peek.value = false;
    }
  };
  target.addEventListener("keydown", down);
  target.addEventListener("keyup", up);
  return () => {
    target.removeEventListener("keydown", down);
    target.removeEventListener("keyup", up);
  };
}
