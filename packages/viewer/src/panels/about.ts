import type { StoredVariable } from "@fieldzip/io/browser";
import type { SideName } from "../data/session.js";
import { element } from "../dom/element.js";
import { formatBytes } from "../dom/format.js";
import type { Page } from "../page.js";

/** How the variable is stored: what was learned, what its stream is made of, and its attributes. */
export function aboutPanel(page: Page): HTMLElement {
  const { view, session, measurer } = page;
  const root = element("div", { className: "about" });
  const update = () => {
    const [now, { stored }] = [session.store.current, measurer.store.current];
    const parts: HTMLElement[] = [];
    for (const side of ["a", "b"] as const) {
      const { source } = now[side];
      const name = (side === "b" && view.current.other) || view.current.variable;
      const found = stored[side].get(name);
      if (
        !source ||
        (side === "b" &&
          source.location === now.a.source?.location &&
          name === view.current.variable)
      )
        continue;
      if (found) parts.push(storage(side, name, source.name, found));
      else if (!source.isArchive) {
        parts.push(
          element(
            "p",
            {},
            element("b", {}, side),
            ` ${source.name} is no archive: its values are served as they are.`,
          ),
        );
      }
    }
    const { layout } = now.a;
    if (layout) parts.push(attributes(page));
    root.replaceChildren(...parts);
  };
  view.watch(({ variable, other }) => [variable, other], update);
  session.store.watch(({ a, b }) => [a.source, b.source, a.layout], update);
  measurer.store.watch(({ stored }) => stored, update);
  return root;
}

function storage(
  side: SideName,
  name: string,
  location: string,
  stored: StoredVariable,
): HTMLElement {
  const { first, law, sections, predictor, guarantee, chunk, chunks, bytes, jointWith } = stored;
  const facts: [string, string][] = [
    ["predictor", first ? `${predictor}, ${first.mode}` : predictor],
    ["guarantee", guarantee],
    ["stored", formatBytes(Math.round(bytes))],
    ["chunks", `${chunks} of ${chunk.join(" × ")}`],
    ...(jointWith.length > 0 ? [["together with", jointWith.join(", ")] as [string, string]] : []),
    ...Object.entries(first?.details ?? {}).map(([key, value]): [string, string] => [
      key,
      String(value),
    ]),
  ];
  return element(
    "section",
    {},
    element("h3", {}, element("b", {}, side), ` ${name} in ${location}`),
    law
      ? equation("The law that it follows, as the first chunk has it", `${name} = ${law}`)
      : undefined,
    first?.equation
      ? equation("The learned equation, u being the values", first.equation)
      : undefined,
    makeUp(sections),
    list(facts),
  );
}

function equation(title: string, text: string): HTMLElement {
  return element(
    "figure",
    { className: "equation" },
    element("figcaption", {}, title),
    element("code", {}, text.replace(/ ([+-]) /g, "\n $1 ")),
  );
}

/** What the stream's bytes are for, as a bar of parts. */
function makeUp(sections: Readonly<Record<string, number>>): HTMLElement | undefined {
  const shares = Object.entries(sections).filter(([, share]) => share > 0);
  if (shares.length === 0) return undefined;
  const percent = (share: number) =>
    `${share >= 0.1 ? Math.round(share * 100) : (share * 100).toPrecision(1)} %`;
  const bar = element(
    "div",
    {
      className: "make-up",
      role: "img",
      "aria-label": `Made up of ${shares.map(([name, share]) => `${name} ${percent(share)}`).join(", ")}`,
    },
    ...shares.map(([, share]) => {
      const part = element("span", {});
      part.style.flexGrow = String(share);
      return part;
    }),
  );
  const legend = element(
    "ul",
    { className: "make-up-names" },
    ...shares.map(([name, share]) => element("li", {}, `${name} ${percent(share)}`)),
  );
  return element("div", {}, bar, legend);
}

function attributes({ session }: Page): HTMLElement {
  const { layout, source } = session.store.current.a;
  const of = (named: NonNullable<typeof source>["dataset"]["attributes"]): [string, string][] =>
    Object.entries(named).map(([name, { values }]) => [name, values.join(", ").slice(0, 300)]);
  const own = layout ? of(layout.variable.attributes) : [];
  const all = source ? of(source.dataset.attributes) : [];
  return element(
    "section",
    {},
    own.length > 0 && element("h3", {}, "Attributes"),
    own.length > 0 && list(own),
    all.length > 0 &&
      element("details", {}, element("summary", {}, `Attributes of ${source?.name}`), list(all)),
  );
}

function list(facts: readonly (readonly [string, string])[]): HTMLElement {
  return element(
    "dl",
    { className: "facts" },
    ...facts.map(([name, text]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, text)),
    ),
  );
}
