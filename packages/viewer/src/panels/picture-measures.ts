import type { PictureDifference } from "@fieldzip/core/render";
import type { MeasurePicturesTask } from "../data/tasks.js";
import { element, setText } from "../dom/element.js";
import { formatNumber } from "../dom/format.js";
import type { Figure } from "../figure/figure.js";
import type { Page } from "../page.js";
import { shownMode } from "../state/derived.js";

/** Milliseconds that the figure must rest before its pictures are measured. */
const restMs = 400;

/** How the rendered pictures of a and b differ, whatever is drawn: measured when the figure rests. */
export function pictureMeasures(page: Page, figure: Figure): HTMLElement {
  const { view, session, pool } = page;
  const numbers = element("div", {});
  const about = element("div", { className: "faint" });
  const root = element(
    "section",
    { className: "measures", "aria-label": "Difference of the pictures" },
    numbers,
    about,
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = "";

  const measure = async () => {
    const { a, b } = session.store.current;
    const key = keyOf(page, figure);
    if (key === asked || a.field?.done !== 1 || b.field?.done !== 1) return;
    asked = key;
    const captured = await figure.capture();
    if (!captured) {
      asked = "";
      return;
    }
    const found = await pool.run<MeasurePicturesTask, PictureDifference>(
      "measure-pictures",
      captured,
    );
    // Something else is shown by now: what was measured is measured again.
    if (key !== keyOf(page, figure)) return;
    const { mse, psnr, ssim } = found;
    const words =
      mse === 0
        ? "The pictures are equal"
        : `MSE ${formatNumber(mse, 3)}, PSNR ${psnr.toFixed(1)} dB, SSIM ${ssim.toFixed(4)}`;
    setText(numbers, words);
    const what = shownMode(view.current, session.store.current);
    setText(
      about,
      `of the pictures a and b: this ${what}, ${captured.width} × ${captured.height} pixels`,
    );
    root.hidden = false;
  };
  figure.onStill = () => {
    clearTimeout(timer);
    timer = setTimeout(
      () =>
        void measure().catch((error) =>
          page.announce(`The pictures could not be measured: ${error}`),
        ),
      restMs,
    );
  };
  session.store.watch(
    ({ b }) => b.field,
    (field) => {
      if (field) return;
      root.hidden = true;
      asked = "";
    },
  );
  return root;
}

/** All that the pictures depend on. */
function keyOf({ view, session }: Page, figure: Figure): string {
  const { theme, difference, showDifference, ...rest } = view.current;
  const { a, b, range } = session.store.current;
  const { width, height } = figure.plan.panes[0]?.plot ?? { width: 0, height: 0 };
  const aspect = (width / height).toFixed(2);
  return JSON.stringify([rest, range, a.field?.version, b.field?.version, aspect]);
}
