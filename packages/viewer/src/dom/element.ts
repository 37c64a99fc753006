type Child = Node | string | undefined | false;

/** Properties, attributes (`aria-…`, `data-…`, `role`, `for`) and listeners (`onclick`) of an element. */
export type Properties = Readonly<Record<string, unknown>>;

/** Makes an element: `element("button", { onclick, "aria-label": "Play" }, "Play")`. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (key in made && !key.startsWith("aria-")) Reflect.set(made, key, value);
    else if (value !== false) made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

const svgNamespace = "http://www.w3.org/2000/svg";

export function svgElement<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: Node[]
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/** Sets text where it differs, so that a screen reader does not read again what stands there already. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
