/** Adds rules to the page. */
export function adopt(rules: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return sheet;
}

/** How opaque heat is over a picture. One rule changes: the maps alone are styled anew, and no layer is made anew. */
export function heatOpacity(): (opacity: number) => void {
  const rule = adopt(".picture.overlaid .heat { opacity: 1 }").cssRules[0] as CSSStyleRule;
  return (opacity) => {
    rule.style.opacity = String(opacity);
  };
}
