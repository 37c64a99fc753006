import {
  type ColourMapName,
  colourAt,
  colourMapNames,
  rangeWithin,
  type ScaleName,
} from "@fieldzip/core/render";
import { element } from "../dom/element.js";
import { onKey } from "../dom/keys.js";
import type { Page } from "../page.js";
import { shownMode, shownScale } from "../state/derived.js";
import { opacityEditor } from "./opacity-editor.js";

const scales: Readonly<Record<ScaleName, string>> = {
  linear: "linear",
  logarithmic: "logarithmic",
  symmetric: "symmetric log",
};

/** Colour map, scale and range, and the opacities of volumes. */
export function colourPanel(page: Page): HTMLElement {
  const { view, session } = page;
  onKey(["c"], () => {
    const at = colourMapNames.indexOf(view.current.map);
    view.change({ map: colourMapNames[(at + 1) % colourMapNames.length] });
  });
  const hint = element("p", { className: "hint" });
  const words = () => {
    const mode = shownMode(view.current, session.store.current);
    hint.textContent =
      mode === "surface"
        ? "Drag the line to the value of the surface."
        : mode === "volume"
          ? "Click to add a point of the opacity curve, double-click to take it out."
          : "How often values occur. The curve is the opacity of volumes.";
  };
  view.watch((state) => state.mode, words);
  session.store.watch(({ a }) => a.layout, words);
  const reset = element(
    "button",
    { className: "plain", onclick: () => view.change({ opacity: undefined }) },
    "back to the curve that suits the values",
  );
  view.watch(
    (state) => state.opacity,
    (opacity) => {
      reset.hidden = opacity === undefined;
    },
  );
  return element(
    "div",
    {},
    opacityEditor(page),
    rangeInputs(page),
    hint,
    reset,
    mapChoice(page),
    looks(page),
  );
}

/** The ends of the colour bar as numbers. */
function rangeInputs(page: Page): HTMLElement {
  const { view, session } = page;
  const input = (label: string) =>
    element("input", {
      type: "text",
      inputMode: "decimal",
      "aria-label": label,
      className: "number-input",
    });
  const [low, high] = [input("Low end of the colours"), input("High end of the colours")];
  const commit = () => {
    const [from, to] = [low, high].map(({ value }) => Number(value.replace(/−/g, "-")));
    if (from < to) view.change({ range: [from, to] });
    else show();
  };
  const show = () => {
    const { range } = shownScale(view.current, session.store.current);
    [low, high].forEach((one, k) => {
      if (document.activeElement !== one) one.value = String(Number(range[k].toPrecision(6)));
    });
  };
  for (const one of [low, high]) one.onchange = commit;
  const all = element(
    "button",
    {
      onclick: () => view.change({ range: undefined }),
      title: "From the least to the largest value",
    },
    "all",
  );
  const most = element(
    "button",
    {
      title: "Without the outer 1 % at each end",
      onclick: () => {
        const { field } = session.store.current.a;
        const range = field && rangeWithin(field, 0.01);
        if (range && range[0] < range[1]) view.change({ range });
      },
    },
    "98 %",
  );
  view.watch(
    ({ range, scale }) => [range, scale],
    () => {
      all.setAttribute("aria-pressed", String(view.current.range === undefined));
      show();
    },
  );
  session.store.watch(({ range }) => range, show);
  return element(
    "div",
    { className: "range-inputs" },
    low,
    element("span", { className: "choices" }, all, most),
    high,
  );
}

/** The maps as strips of their colours. */
function mapChoice({ view }: Page): HTMLElement {
  const options = colourMapNames.map((name) => {
    const input = element("input", {
      type: "radio",
      name: "map",
      value: name,
      onchange: () => view.change({ map: name }),
    });
    const stops = Array.from(
      { length: 12 },
      (_, k) =>
        `rgb(${colourAt(name, k / 11)
          .map(Math.round)
          .join(" ")})`,
    );
    const strip = element("span", { className: "strip" });
    strip.style.background = `linear-gradient(90deg, ${stops.join()})`;
    return {
      name,
      input,
      root: element("label", { className: "map", title: name }, input, strip, name),
    };
  });
  view.watch(
    (state) => state.map,
    (map: ColourMapName) => {
      for (const { name, input } of options) input.checked = name === map;
    },
  );
  return element(
    "fieldset",
    { className: "maps" },
    element("legend", {}, "Colour map"),
    ...options.map(({ root }) => root),
  );
}

function looks({ view }: Page): HTMLElement {
  const scale = element(
    "select",
    { "aria-label": "Scale", onchange: () => view.change({ scale: scale.value as ScaleName }) },
    ...Object.entries(scales).map(([value, name]) => element("option", { value }, name)),
  );
  view.watch(
    (state) => state.scale,
    (name) => {
      scale.value = name;
    },
  );
  const flag = (key: "reversed" | "shaded" | "smooth", label: string, title: string) => {
    const input = element("input", {
      type: "checkbox",
      onchange: () => view.change({ [key]: input.checked }),
    });
    view.watch(
      (state) => state[key],
      (is) => {
        input.checked = is;
      },
    );
    return element("label", { title }, input, label);
  };
  return element(
    "div",
    { className: "looks" },
    element("label", {}, "scale ", scale),
    flag("reversed", "reversed", "The colour map the other way round"),
    flag("smooth", "smooth slices", "Interpolated between values; else every value is a cell"),
    flag("shaded", "shaded", "Light on volumes and surfaces"),
  );
}
