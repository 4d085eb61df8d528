import type { Tip } from "#src/views/view";

const GAP = 14;

/** One tooltip for the page: the stored value under the pointer. */
export function makeTip(parent: HTMLElement): { tip: Tip; dispose: () => void } {
  const box = document.createElement("div");
  box.className = "tip";
  box.hidden = true;
  parent.append(box);
  const tip: Tip = (at, lines) => {
    box.hidden = lines.length === 0;
    box.replaceChildren(
      ...lines.map((line) => {
        const row = document.createElement("div");
        row.textContent = line;
        return row;
      }),
    );
    if (lines.length > 0) {
      const left =
        at.clientX + GAP + box.offsetWidth > innerWidth ? at.clientX - GAP - box.offsetWidth : at.clientX + GAP;
      const top = Math.min(at.clientY + GAP, innerHeight - box.offsetHeight - 2);
      box.style.transform = `translate(${Math.max(0, left)}px, ${Math.max(0, top)}px)`;
    }
  };
  return { tip, dispose: () => box.remove() };
}
