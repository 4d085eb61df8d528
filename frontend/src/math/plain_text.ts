/** Characters that nobody sees and that move others about: controls, and marks of direction. */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** More characters than this fit into no line. */
const LONGEST = 300;

/** A text of any origin as one line that is read from left to right. */
export function oneLine(text: string): string {
  return [...text.slice(0, 4 * LONGEST).replace(UNSEEN, " ")].slice(0, LONGEST).join("");
}

const NAME = 80;

/** A name that every file system takes, made of texts of any origin. */
export function fileName(parts: readonly string[], ending: string): string {
  const safe = parts.map((part) =>
    oneLine(part)
      .replace(/[^\p{L}\p{N}_]+/gu, "-")
      .replace(/^-+|-+$/g, ""),
  );
  const name = [...safe.filter(Boolean).join("_")]
    .slice(0, NAME)
    .join("")
    .replace(/[-_]+$/, "");
  return `${name || "row"}.${ending}`;
}
