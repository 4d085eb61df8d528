import { nextScope, toggleShare } from "#src/state/selection";
import { toggleDifference } from "#src/widgets/difference_control";
import { zoomRow } from "#src/widgets/gestures";
import type { Page } from "#src/widgets/page";
import { saveButtonId } from "#src/widgets/save_button";

const STRIDE = 10;
/** How much a key enlarges. */
const ZOOM = 1.5;

const TYPED_INTO = "input:not([type=checkbox]), select, textarea, [contenteditable]";
/** What a slider does by itself. */
const SLIDES = /^(Arrow|Home|End|Page)/;

function isTyping({ target, key }: KeyboardEvent): boolean {
  const typed = target instanceof HTMLElement ? target.closest(TYPED_INTO) : null;
  return typed !== null && (!typed.matches("[type=range]") || SLIDES.test(key));
}

/** Directs keys to this frame, unless somebody types into the page around it. */
export function takeKeys(host: Document): void {
  const active = host.activeElement;
  if (active?.closest(TYPED_INTO) == null) {
    window.focus();
  }
}

/** The box that `/` goes to. */
export const FIND_BOX = "find-text";

function focusFindBox(): void {
  const box = document.getElementById(FIND_BOX);
  if (box instanceof HTMLInputElement && document.activeElement !== box) {
    box.focus();
    box.select();
  }
}

/** What a key does. */
export interface Binding {
  /** As events name it; letters in lower case. */
  readonly key: string;
  /** As it is printed on a keyboard. */
  readonly name: string;
  /** Another key that does the same, without being named. */
  readonly also?: string;
  readonly words: string;
  run(event: KeyboardEvent): void;
}

/** Every key of the page, in the order of the help sheet. */
export function bindings(page: Page): Binding[] {
  const { session, current, reader } = page;
  const step = (by: number) => (event: KeyboardEvent) => {
    const far = by * (event.shiftKey ? STRIDE : 1);
    if (!reader.move(far, 0)) {
      session.setStep(session.shown.at.peek() + far);
    }
  };
  const row = (by: 1 | -1) => (event: KeyboardEvent) => {
    if (!reader.move(0, by * (event.shiftKey ? STRIDE : 1))) {
      current.move(by);
    }
  };
  const here = () => current.place.peek() ?? current.top;
  const zoom = (factor: number) => () => {
    const place = here();
    if (place !== null) {
      zoomRow(page, place, factor);
    }
  };
  const opacity = (by: number) => () =>
    session.update((s) => ({ ...s, opacity: Math.min(1, Math.max(0, Math.round((s.opacity + by) * 10) / 10)) }));
  const flip = (name: "cells" | "overlay") => () => session.update((s) => ({ ...s, [name]: !s[name] }));
  const find = () => {
    page.side.value = true;
    focusFindBox();
    requestAnimationFrame(focusFindBox); // where the panel was closed, its box is there from then on
  };
  return [
    { key: "ArrowLeft", name: "←", words: "one step back; with Shift ten", run: step(-1) },
    { key: "ArrowRight", name: "→", words: "one step on; with Shift ten", run: step(1) },
    { key: "Home", name: "Home", words: "first step", run: () => session.setStep(0) },
    {
      key: "End",
      name: "End",
      words: "last step, and follow the latest",
      run: () => session.setStep(session.shown.steps.peek().length - 1),
    },
    { key: "k", name: "K", words: "play the steps from here on, or pause", run: () => page.play.toggle() },
    { key: "ArrowUp", name: "↑", words: "example above", run: row(-1) },
    { key: "ArrowDown", name: "↓", words: "example below", run: row(1) },
    {
      key: "Enter",
      name: "Enter",
      words: "read values: arrows go from cell to cell, Enter to the next map of the row",
      run() {
        const place = here();
        if (place !== null) {
          reader.enter(place);
        }
      },
    },
    {
      key: "Escape",
      name: "Esc",
      words: "end reading; then, see the whole picture again",
      run() {
        const place = here();
        if (!reader.leave() && place !== null) {
          page.zooms.reset(place);
        }
      },
    },
    {
      key: "p",
      name: "P",
      words: "pin the example, or take its pin away, and go on to the next",
      run: () => current.pin(),
    },
    {
      key: "e",
      name: "E",
      words: "save the row's pictures as PNG",
      run() {
        const place = here();
        document.getElementById(place === null ? "" : saveButtonId(place))?.click();
      },
    },
    { key: "/", name: "/", words: "find examples; Enter goes back to them", run: find },
    { key: "+", name: "+", also: "=", words: "enlarge the row's pictures; Ctrl with the wheel, too", run: zoom(ZOOM) },
    { key: "-", name: "−", words: "see more of the row's pictures; a drag moves them", run: zoom(1 / ZOOM) },
    { key: "o", name: "O", words: "heat over the picture, or alone", run: flip("overlay") },
    { key: "[", name: "[", words: "paler heat over the picture", run: opacity(-0.1) },
    { key: "]", name: "]", words: "stronger heat over the picture", run: opacity(0.1) },
    { key: "g", name: "G", words: "cells as they are stored, or smooth", run: flip("cells") },
    { key: "n", name: "N", words: "next scope of the colour scale", run: () => session.update(nextScope) },
    {
      key: "d",
      name: "D",
      words: "difference of the first two columns that have one, or none",
      run: () => toggleDifference(session),
    },
    { key: "s", name: "S", words: "shares of each map's sum, or scores", run: () => session.update(toggleShare) },
    {
      key: " ",
      name: "Space",
      words: "hold to see the input alone",
      run: () => {
        page.peek.value = true;
      },
    },
    {
      key: "?",
      name: "?",
      words: "this sheet",
      run: () => {
        page.help.value = !page.help.peek();
      },
    },
  ];
}

/** Keys that work anywhere on the page. Returns what removes them. */
export function listenToKeys(page: Page, target: Document): () => void {
  const all = bindings(page);
  const byKey = new Map(
    all.flatMap((binding) => [binding.key, binding.also ?? binding.key].map((key) => [key, binding])),
  );
  const down = (event: KeyboardEvent) => {
    const binding = byKey.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    const onButton =
      (event.key === " " || event.key === "Enter") &&
      (event.target as HTMLElement | null)?.closest?.("button, input, a, summary") != null;
    if (binding === undefined || isTyping(event) || onButton || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (page.help.peek() && binding.key !== "?") {
      return; // the sheet lies over the page
    }
    event.preventDefault();
    binding.run(event);
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
