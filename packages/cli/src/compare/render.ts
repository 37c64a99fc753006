import { type Dataset, subset, throwIfAborted, type WorkerPool } from "@fieldzip/core";
import {
  type DrawPictureTask,
  type Field,
  layoutOf,
  loadField,
  type PictureDifference,
  type PictureView,
  pictureDifference,
  shownVariables,
  sliceExtents,
  strideFor,
  transferFor,
  usableRange,
  valueScale,
} from "@fieldzip/core/render";
import type { CompareOptions, Comparison } from "./compare.js";
import { isMeasured } from "./report.js";

/** Pixels of a picture along its longer side: as the viewer measures them. */
const PIXELS = 384;
/** Values of a field at most; of a larger one every so-manyth is drawn. */
const MOST_VALUES = 2 ** 24;
/** What the viewer has behind volumes and where there is no value, in the light. */
const GROUND = [252, 252, 250] as const;
const ABSENT = [218, 218, 212] as const;

/** How the pictures of one field in both datasets differ. */
export interface PictureMeasures extends PictureDifference {
  /** Where the field stands: `{ step: 3 }`. */
  readonly at: Readonly<Record<string, number>>;
  readonly mode: PictureView["mode"];
  readonly width: number;
  readonly height: number;
  /** Every how-manyth value was drawn, along z, y, x; where it is not each. */
  readonly every?: readonly number[];
}

/** Both pictures as RGBA bytes, row after row from the top. */
export interface RenderedPair {
  readonly name: string;
  readonly measures: PictureMeasures;
  readonly original: Uint8Array;
  readonly decoded: Uint8Array;
}

/** Names of the variables that have pictures and differ. */
export function renderedNames(original: Dataset, { variables }: Comparison): string[] {
  const shown = new Set(shownVariables(original).map(({ name }) => name));
  return variables.filter((one) => isMeasured(one) && shown.has(one.name)).map(({ name }) => name);
}

/**
 * Draws variables of both datasets the same way and measures the pictures, one variable after another: of several steps the
 * middle one. Colours are those of the range of both, opacity what suits the original, as in the viewer.
 */
export async function* renderPairs(
  original: Dataset,
  decoded: Dataset,
  names: readonly string[],
  view: PictureView,
  { select = {}, signal, onProgress, ...options }: CompareOptions & { readonly pool: WorkerPool },
): AsyncGenerator<RenderedPair> {
  const { pool } = options;
  const [a, b] = [original, decoded].map((dataset) => subset(dataset, names, select));
  for (const [k, name] of names.entries()) {
    throwIfAborted(signal);
    onProgress?.({ stage: "plot", done: k, total: names.length, variable: name });
    const [one, other] = [await readField(a, name, signal), await readField(b, name, signal)];
    const { time } = one.layout;
    const low = Math.min(one.range[0], other.range[0]);
    const high = Math.max(one.range[1], other.range[1]);
    const range = usableRange(view.scale, view.range ?? [low, high]);
    const scale = { name: view.scale, range };
    const transfer = transferFor(view, one, valueScale(view.scale, range));
    const mode = one.shape[0] === 1 ? "slice" : view.mode;
    const [width, height] = mode === "slice" ? sizeOf(sliceExtents(view, one)) : [PIXELS, PIXELS];
    const draw = ({ values, shape, every, layout: { space } }: Field) =>
      pool.run<DrawPictureTask, Uint8Array>(
        "draw-picture",
        {
          field: { values, shape, every, layout: { space } },
          ...{ width, height },
          look: { view, scale, transfer, ground: GROUND, absent: ABSENT },
        },
        { signal, give: true },
      );
    const { every } = one;
    const [first, second] = await Promise.all([draw(one), draw(other)]);
    const chosen = time && (select[time.name] ?? 0);
    const from = typeof chosen === "object" ? chosen[0] : (chosen ?? 0);
    yield {
      name,
      original: first,
      decoded: second,
      measures: {
        ...pictureDifference(first, second, width, height),
        at: time ? { [time.name]: from + one.step } : {},
        ...{ mode, width, height },
        every: every.some((step) => step > 1) ? every : undefined,
      },
    };
  }
}

async function readField(dataset: Dataset, name: string, signal?: AbortSignal): Promise<Field> {
  const layout = await layoutOf(dataset, dataset.variable(name), signal);
  const sizes = layout.space.map(({ size }) => size);
  return loadField(layout, {
    step: (layout.time?.size ?? 1) >> 1,
    others: layout.others.map(({ size }) => size >> 1),
    near: [0, 0, 0],
    levels: [{ every: strideFor(sizes, MOST_VALUES), by: "chunks" }],
    lanes: 2,
    signal: signal ?? new AbortController().signal,
    onProgress: () => {},
  });
}

/** Long and flat slices are stretched to a third, so that something can be seen. */
function sizeOf([across, up]: readonly [number, number]): [number, number] {
  const short = (share: number) => Math.round(PIXELS * Math.max(1 / 3, share));
  return across > up ? [PIXELS, short(up / across)] : [short(across / up), PIXELS];
}
