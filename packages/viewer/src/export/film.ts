import { cursorIn, sliceAxis } from "@fieldzip/core/render";
import { element } from "../dom/element.js";
import type { Figure } from "../figure/figure.js";
import type { Page } from "../page.js";
import { shownMode } from "../state/derived.js";
import type { ViewState } from "../state/view-state.js";
import { fileName, save } from "./picture.js";

/** Frames a second of a film; of a few frames each is shown longer, so that the film lasts so many seconds. */
const framesPerSecond = 12;
const leastSeconds = 2;
/** Frames of one turn. */
const framesOfRound = 96;

const kinds = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"];

/** What moves in a film: the steps; else the slice goes through the field, or the field turns once. */
export function filmFrames({ view, session }: Page): {
  about: string;
  frames: Partial<ViewState>[];
} {
  const { field, layout } = session.store.current.a;
  if (!field || !layout) return { about: "nothing", frames: [] };
  const steps = layout.time?.size ?? 1;
  if (steps > 1) {
    return {
      about: `${steps} steps`,
      frames: Array.from({ length: steps }, (_, step) => ({ step })),
    };
  }
  if (shownMode(view.current, session.store.current) === "slice") {
    const axis = sliceAxis(view.current, field);
    const count = field.shape[axis];
    if (count < 2) return { about: "nothing that moves", frames: [] };
    const at = cursorIn(view.current, field);
    const frames = Array.from({ length: count }, (_, place) => {
      const [z, y, x] = at.map((old, k) => (k === axis ? place : old) * field.every[k]);
      return { cursor: [z, y, x] as const };
    });
    return { about: `${count} slices`, frames };
  }
  const { camera } = view.current;
  const frames = Array.from({ length: framesOfRound }, (_, k) => ({
    camera: { ...camera, turn: (camera.turn + (360 * k) / framesOfRound) % 360 },
  }));
  return { about: "one turn", frames };
}

/**
 * Makes a film as WebM and saves it. First every frame is loaded, drawn and kept as a small picture, however long that
 * takes; then they are played to the recorder, which knows but the time that passes. The view is afterwards as it was.
 */
export async function saveFilm(
  page: Page,
  figure: Figure,
  signal: AbortSignal,
  onFrame: (share: number) => void,
): Promise<void> {
  const type = kinds.find((kind) => MediaRecorder.isTypeSupported(kind));
  const { frames } = filmFrames(page);
  if (!type || frames.length === 0) {
    page.announce(type ? "Nothing moves here." : "This browser cannot record films.");
    return;
  }
  const before = page.view.current;
  const pictures: Blob[] = [];
  try {
    for (const frame of frames) {
      if (signal.aborted) return;
      page.view.change(frame);
      await drawn(page, figure);
      pictures.push(await pictureOf(figure.compose(1)));
      onFrame((0.8 * pictures.length) / frames.length);
    }
  } finally {
    page.view.change(before);
  }
  const film = await record(pictures, type, signal, (share) => onFrame(0.8 + 0.2 * share));
  if (signal.aborted) return;
  save(film, `${fileName(page)}.webm`);
  page.announce("Film saved.");
}

function pictureOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const take = (blob: Blob | null) =>
      blob ? resolve(blob) : reject(new Error("the figure is too large for a film"));
    canvas.toBlob(take, "image/webp", 0.95);
  });
}

/** Plays pictures of one size to a recorder, each as long as the others. */
async function record(
  pictures: readonly Blob[],
  type: string,
  signal: AbortSignal,
  onFrame: (share: number) => void,
): Promise<Blob> {
  const first = await createImageBitmap(pictures[0]);
  const canvas = element("canvas", { width: first.width, height: first.height });
  const context = canvas.getContext("2d")!;
  context.drawImage(first, 0, 0);
  const stream = canvas.captureStream(framesPerSecond);
  const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: 12e6 });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const ended = new Promise((resolve) => {
    recorder.onstop = resolve;
  });
  recorder.start();
  const frameMs = Math.max(1000 / framesPerSecond, (1000 * leastSeconds) / pictures.length);
  const started = performance.now();
  for (const [k, picture] of pictures.entries()) {
    if (signal.aborted) break;
    const bitmap = await createImageBitmap(picture);
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    const next = started + (k + 1) * frameMs;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
    onFrame((k + 1) / pictures.length);
  }
  recorder.stop();
  await ended;
  for (const track of stream.getTracks()) track.stop();
  return new Blob(parts, { type: "video/webm" });
}

/** Waits until the view is loaded and drawn. */
async function drawn({ view, session }: Page, figure: Figure): Promise<void> {
  for (;;) {
    await figure.whenStill();
    const { a, b } = session.store.current;
    const isHere = [a, b].every(({ source, field, error, layout }) => {
      const last = Math.max(0, (layout?.time?.size ?? 1) - 1);
      return (
        !source || error || (field?.done === 1 && field.step === Math.min(last, view.current.step))
      );
    });
    if (isHere) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
