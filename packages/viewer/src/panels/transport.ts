import { coordinateOf } from "@fieldzip/core/render";
import { element, setText } from "../dom/element.js";
import { formatNumber } from "../dom/format.js";
import { onKey } from "../dom/keys.js";
import type { Page } from "../page.js";

/** Milliseconds between two steps of a film. */
const stepMs = 160;

/** Plays the steps, and chooses one. Hidden where there is one only. */
export function transport(page: Page): HTMLElement {
  const { view, session } = page;
  const play = element("button", { className: "play", title: "Play (space)" });
  const slider = element("input", {
    type: "range",
    className: "step-slider",
    min: 0,
    step: 1,
    "aria-label": "Step",
  });
  const label = element("output", { className: "step" });
  const root = element("div", { className: "transport" }, play, slider, label);
  let timer: ReturnType<typeof setInterval> | undefined;
  const count = () => session.store.current.a.layout?.time?.size ?? 1;

  const go = (to: number) => view.change({ step: ((to % count()) + count()) % count() });
  const setPlaying = (isPlaying: boolean) => {
    clearInterval(timer);
    timer = undefined;
    if (isPlaying) {
      timer = setInterval(() => {
        const { a, b } = session.store.current;
        // Whoever is slow is waited for: a film without holes.
        const isHere = [a, b].every(({ field, source }) => !source || (field?.done ?? 0) >= 1);
        if (isHere) go(view.current.step + 1);
      }, stepMs);
    }
    setText(play, isPlaying ? "❚❚" : "▶");
    play.setAttribute("aria-label", isPlaying ? "Pause" : "Play the steps");
    root.dataset.playing = String(isPlaying);
  };
  play.onclick = () => setPlaying(timer === undefined);
  slider.oninput = () => go(Number(slider.value));
  onKey([" ", ",", "."], (key) => {
    if (count() < 2) return false;
    if (key === " ") play.click();
    else go(view.current.step + (key === "," ? -1 : 1));
    return true;
  });

  const update = () => {
    const time = session.store.current.a.layout?.time;
    root.hidden = !time || time.size < 2;
    if (!time) return;
    const step = Math.min(time.size - 1, view.current.step);
    slider.max = String(time.size - 1);
    slider.value = String(step);
    const units = time.units ? ` ${time.units}` : "";
    const coordinate = time.coordinates
      ? `, ${time.name} = ${formatNumber(coordinateOf(time, step), 6)}${units}`
      : "";
    slider.setAttribute("aria-valuetext", `step ${step} of ${time.size - 1}${coordinate}`);
    setText(label, `${time.name} ${step} / ${time.size - 1}${coordinate}`);
  };
  setPlaying(false);
  view.watch((state) => state.step, update);
  session.store.watch(({ a }) => a.layout, update);
  return root;
}
