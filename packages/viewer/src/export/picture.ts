import { element } from "../dom/element.js";
import type { Figure } from "../figure/figure.js";
import { inksOf } from "../figure/inks.js";
import type { Page } from "../page.js";

/** Pixels of an exported picture for one of the page, at least: sharp in print. */
const leastRatio = 2;

/** Saves the figure with its caption as a PNG. */
export async function savePicture(page: Page, figure: Figure): Promise<void> {
  await figure.whenStill();
  const ratio = Math.max(leastRatio, devicePixelRatio);
  const canvas = withCaption(
    figure.compose(ratio),
    ratio,
    document.querySelector(".caption")?.textContent ?? "",
  );
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) {
    page.announce("The picture is too large for this browser; make the window smaller.");
    return;
  }
  save(blob, `${fileName(page)}.png`);
  page.announce("Picture saved.");
}

/** The figure with its caption below it, broken into lines. */
function withCaption(figure: HTMLCanvasElement, ratio: number, text: string): HTMLCanvasElement {
  const inks = inksOf(document.documentElement);
  const width = figure.width / ratio;
  const font = `14px ${inks.serif}`;
  const canvas = element("canvas", {});
  const context = canvas.getContext("2d")!;
  context.font = font;
  const lines = brokenInto(text, (line) => context.measureText(line).width <= width - 36);
  canvas.width = figure.width;
  canvas.height = figure.height + Math.round((lines.length * 20 + 18) * ratio);
  context.fillStyle = inks.paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(figure, 0, 0);
  context.scale(ratio, ratio);
  context.font = font;
  context.fillStyle = inks.ink;
  context.textBaseline = "top";
  lines.forEach((line, k) => {
    context.fillText(line, 18, figure.height / ratio + 6 + k * 20);
  });
  return canvas;
}

function brokenInto(text: string, fits: (line: string) => boolean): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.trim().split(/\s+/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && !fits(longer)) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === "" ? lines : [...lines, line];
}

/** `run.zarr rho 3`, without what files cannot be called. */
export function fileName({ view, session }: Page): string {
  const { source } = session.store.current.a;
  const { variable, step } = view.current;
  return `${source?.name ?? "fieldzip"} ${variable} ${step}`.replace(/[^\w.+-]+/g, "-");
}

/** Hands a file to the user. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
