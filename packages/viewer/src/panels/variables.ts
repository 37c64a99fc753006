import { textOf } from "@fieldzip/core";
import { originalSide, ratioOf } from "../data/measures.js";
import { element, setText } from "../dom/element.js";
import { formatNumber, formatRatio } from "../dom/format.js";
import { onKey } from "../dom/keys.js";
import type { Figure } from "../figure/figure.js";
import type { Page } from "../page.js";
import { pictureMeasures } from "./picture-measures.js";

/** The variables to choose from, with what was measured of them. */
export function variablesPanel(page: Page, figure: Figure): HTMLElement {
  const { view, session } = page;
  onKey(["v", "V"], (key) => {
    const names = session.store.current.a.source?.variables.map(({ name }) => name) ?? [];
    if (names.length === 0) return;
    const at = names.indexOf(view.current.variable) + (key === "v" ? 1 : -1);
    choose(page, names[(at + names.length) % names.length]);
  });
  return element(
    "div",
    {},
    variableTable(page),
    comparison(page),
    pictureMeasures(page, figure),
    others(page),
  );
}

function choose({ view }: Page, variable: string): void {
  view.change({ variable, other: "", range: undefined });
}

function variableTable(page: Page): HTMLElement {
  const { view, session, measurer } = page;
  const head = element("tr", {});
  const rows = element("tbody", {});
  const update = () => {
    const [now, measures] = [session.store.current, measurer.store.current];
    const { source } = now.a;
    const isPair = view.current.b !== undefined;
    const decoded = isPair && originalSide(now) === "a" ? "b" : "a";
    const columns = isPair
      ? ["variable", "ratio", "PSNR / dB", "SSIM", "max error"]
      : ["variable", "units", "shape", "ratio"];
    head.replaceChildren(
      ...columns.map((title, k) =>
        element(
          "th",
          { scope: "col", className: k > (isPair ? 0 : 1) ? "number" : "" },
          // The panel is called so already.
          k === 0 ? element("span", { className: "unseen" }, title) : title,
        ),
      ),
    );
    rows.replaceChildren(
      ...(source?.variables ?? []).map((variable) => {
        const { name, shape } = variable;
        const isChosen = name === view.current.variable;
        const title = textOf(variable, "long_name") || textOf(variable, "standard_name");
        const button = element(
          "button",
          {
            "aria-pressed": String(isChosen),
            onclick: () => choose(page, name),
            title: title || name,
          },
          name,
        );
        const ratio = formatRatio(ratioOf(now, decoded, name, measures));
        const found = measures.fields.get(name);
        const about = found?.of ? "≈ " : "";
        const cells = isPair
          ? [
              ratio,
              found ? about + formatNumber(found.psnr) : "",
              found ? (Number.isNaN(found.ssim) ? "–" : about + found.ssim.toFixed(4)) : "",
              found ? about + formatNumber(found.maxError, 2) : "",
            ]
          : [textOf(variable, "units") ?? "", shape.join(" × "), ratio];
        return element(
          "tr",
          {
            className: isChosen ? "chosen" : "",
            title: found?.of ? `Measured on ${found.of} along each axis` : "",
          },
          element("th", { scope: "row" }, button),
          ...cells.map((text, k) =>
            element("td", { className: isPair || k > 0 ? "number" : "" }, text),
          ),
        );
      }),
    );
  };
  view.watch(({ variable, b }) => [variable, b], update);
  session.store.watch(({ a, b }) => [a.source, b.source], update);
  measurer.store.watch((measures) => measures, update);
  const all = element("button", { onclick: () => void measurer.measureAll() }, "Measure all");
  measurer.store.watch(
    ({ isMeasuringAll }) => isMeasuringAll,
    (is) => {
      all.disabled = is;
      setText(all, is ? "Measuring…" : "Measure all");
    },
  );
  view.watch(
    ({ b }) => b,
    (b) => {
      all.hidden = b === undefined;
    },
  );
  return element(
    "div",
    {},
    element("table", { className: "variables" }, element("thead", {}, head), rows),
    element("p", { className: "after-table" }, all),
  );
}

/** What the variable is compared with: itself in b, or another one. */
function comparison(page: Page): HTMLElement {
  const { view, session } = page;
  const select = element("select", {
    "aria-label": "Compare with",
    onchange: () => {
      const { value } = select;
      if (value === "nothing") view.change({ b: undefined, other: "" });
      else view.change({ b: view.current.b ?? view.current.a, other: value });
    },
  });
  const root = element("label", { className: "compare-with" }, "compare with ", select);
  const update = () => {
    const { a, b } = session.store.current;
    root.hidden = !a.source;
    const source = b.source ?? a.source;
    const { variable } = view.current;
    const names = (source?.variables ?? []).map(({ name }) => name);
    const where = b.source && b.source.name !== a.source?.name ? ` in ${b.source.name}` : "";
    const isSelf = view.current.b === view.current.a;
    select.replaceChildren(
      element("option", { value: "nothing" }, "nothing"),
      ...(view.current.b !== undefined && !isSelf
        ? [element("option", { value: "" }, `${variable}${where}`)]
        : []),
      ...names
        .filter((name) => name !== variable)
        .map((name) => element("option", { value: name }, `${name}${where}`)),
    );
    select.value = view.current.b === undefined ? "nothing" : view.current.other;
  };
  view.watch(({ a, b, variable, other }) => [a, b, variable, other], update);
  session.store.watch(({ a, b }) => [a.source, b.source], update);
  return root;
}

/** Sliders for axes that are neither space nor time. */
function others({ view, session }: Page): HTMLElement {
  const root = element("div", { className: "other-axes" });
  session.store.watch(
    ({ a }) => a.layout,
    (layout) => {
      root.replaceChildren(
        ...(layout?.others ?? []).map((axis, k) => {
          const shown = element("output", {}, String(view.current.others[k] ?? 0));
          const input = element("input", {
            type: "range",
            min: 0,
            max: axis.size - 1,
            value: String(view.current.others[k] ?? 0),
            oninput: () => {
              const held = layout!.others.map((_, j) => view.current.others[j] ?? 0);
              held[k] = Number(input.value);
              setText(shown, input.value);
              view.change({ others: held });
            },
          });
          return element("label", {}, `${axis.name} `, input, shown);
        }),
      );
    },
  );
  return root;
}
