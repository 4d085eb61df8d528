import { afterEach, expect, test, vi } from "vitest";
import { imageView, tileHeight } from "#src/views/image";
import { tabularView } from "#src/views/tabular";
import type { Look, MakeView, Subject } from "#src/views/view";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** As much of an element as a view asks for when it is made. */
class Element {
  readonly classes = new Set<string>();
  style: Record<string, string> = {};
  readonly classList = {
    add: (name: string) => this.classes.add(name),
    remove: (...names: string[]) => names.map((name) => this.classes.delete(name)),
    toggle: (name: string, on: boolean) => (on ? this.classes.add(name) : this.classes.delete(name)),
  };

  append() {}
  insertBefore() {}
  replaceChildren() {}
  setAttribute() {}
  addEventListener() {}
  removeEventListener() {}
  closest() {
    return new Element();
  }
  removeAttribute(name: string) {
    expect(name).toBe("style");
    this.style = {};
  }
}

/** Every element is far out of view as soon as it is watched. */
class Far {
  constructor(private readonly tell: (changes: { target: unknown; isIntersecting: boolean }[]) => void) {}
  observe(target: unknown) {
    this.tell([{ target, isIntersecting: false }]);
  }
  unobserve() {}
}

const SUBJECT: Subject = { picture: undefined, inputShape: [30, 60], tokens: [], featureNames: [] };
const LOOK = { tile: 144, scale: { vmax: 1, signed: true }, colours: "blue-red" } as unknown as Look;

test.each<[MakeView, string[], Record<string, string>]>([
  [imageView, ["view", "picture", "away"], { width: "144px", height: "72px" }],
  [tabularView, ["view", "bars", "blank"], { width: "340px" }],
])("a view leaves its element as it was, for the view of another input", (make, classes, style) => {
  vi.stubGlobal("document", { createElement: () => new Element(), createElementNS: () => new Element() });
  vi.stubGlobal("IntersectionObserver", Far);
  const root = new Element();
  root.classes.add("view");
  const view = make(root as unknown as HTMLElement, SUBJECT);
  view.reserve([0], LOOK);
  expect([[...root.classes], root.style]).toEqual([classes, style]);
  view.dispose();
  expect([[...root.classes], root.style]).toEqual([["view"], {}]);
});

test("a tile has the shape of its input, within what a screen can hold", () => {
  expect(tileHeight([30, 60, 3], 144)).toBe(72);
  expect(tileHeight([4_000_000_000, 1], 100)).toBe(400);
  expect(tileHeight([1, 4_000_000_000], 96)).toBe(12);
  expect(tileHeight([], 144)).toBe(144);
});
