/** Colours and fonts of a figure, as the page's style sheet has them under the current theme. */
export interface Inks {
  readonly paper: string;
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  readonly accent: string;
  /** Where a field has no value. */
  readonly absent: string;
  readonly serif: string;
  readonly sans: string;
}

export function inksOf(element: Element): Inks {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: read("paper"),
    ink: read("ink"),
    faint: read("faint"),
    line: read("line"),
    accent: read("accent"),
    absent: read("absent"),
    serif: read("serif"),
    sans: read("sans"),
  };
}

/** `#rrggbb` as parts 0 to 1. */
export function partsOf(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.replace("#", ""), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}
