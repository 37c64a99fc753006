import { bytesPerValue, countOf } from "@fieldzip/core";
import { cursorIn, type FieldLayout, unpacking, valueAt } from "@fieldzip/core/render";
import type { SideName } from "../data/session.js";
import type { Page } from "../page.js";

/** Milliseconds that the cursor must rest before its steps are read. */
const restMs = 350;
/** Bytes of chunks that are decoded for one plot over time, at most; beyond, only what is here is shown. */
const mostBytes = 512 * 2 ** 20;

/** Values at the cursor at every step: those that are here at once, the others read when the cursor rests. */
export class TimeSeries {
  /** A list for each side, NaN where a step is not read; none where there is no time. */
  values: Float64Array[] = [];
  private key = "";
  private timer?: ReturnType<typeof setTimeout>;
  private reading = new AbortController();

  constructor(
    private readonly page: Page,
    private readonly onChange: () => void,
  ) {
    page.view.watch(
      ({ cursor, others }) => [cursor, others.join()],
      () => this.follow(),
    );
    page.session.store.watch(
      ({ a, b }) => [a.field, b.field],
      () => this.follow(),
    );
  }

  private follow(): void {
    const { a, b } = this.page.session.store.current;
    const view = this.page.view.current;
    const size = a.layout?.time?.size ?? 1;
    if (!a.field || a.field.done < 1 || size < 2) {
      if (!a.field) this.values = [];
      return;
    }
    const sides: SideName[] = b.source ? ["a", "b"] : ["a"];
    const at = cursorIn(view, a.field);
    const key = [
      view.variable,
      view.other,
      view.a,
      view.b,
      view.others.join(),
      ...at,
      sides.length,
    ].join(" ");
    if (key !== this.key) {
      this.key = key;
      this.reading.abort();
      this.reading = new AbortController();
      clearTimeout(this.timer);
      this.values = sides.map(() => new Float64Array(size).fill(Number.NaN));
      const { signal } = this.reading;
      this.timer = setTimeout(() => void this.readAll(sides, at, signal), restMs);
    }
    // What is in the cache costs nothing.
    sides.forEach((side, k) => {
      for (let step = 0; step < size; step++) {
        const field = this.page.session.keptField(side, step);
        if (field) this.values[k][step] = valueAt(field, at);
      }
    });
    this.onChange();
  }

  private async readAll(
    sides: readonly SideName[],
    at: readonly number[],
    signal: AbortSignal,
  ): Promise<void> {
    const { current } = this.page.session.store;
    for (const [k, side] of sides.entries()) {
      const { layout, field } = current[side];
      if (!layout?.time || !field) continue;
      const { source } = layout.variable;
      const chunk = source.storedChunk ?? source.shape;
      const steps = Math.ceil(layout.time.size / (chunk[layout.time.place ?? 0] || 1));
      if (steps * countOf(chunk) * bytesPerValue(source.dataType) > mostBytes) continue;
      for (const step of fromNear(field.step, layout.time.size)) {
        if (signal.aborted) return;
        if (!Number.isNaN(this.values[k][step])) continue;
        try {
          this.values[k][step] = await this.readOne(layout, step, at, field.every, signal);
        } catch {
          return;
        }
        this.onChange();
      }
    }
  }

  private async readOne(
    { variable, space, time, others }: FieldLayout,
    step: number,
    at: readonly number[],
    every: readonly number[],
    signal: AbortSignal,
  ): Promise<number> {
    const start = variable.shape.map(() => 0);
    space.forEach((axis, k) => {
      if (axis.place === undefined) return;
      const place = at[k] * every[k];
      start[axis.place] = axis.flipped ? axis.size - 1 - place : place;
    });
    if (time?.place !== undefined) start[time.place] = step;
    others.forEach((axis, k) => {
      if (axis.place !== undefined) start[axis.place] = this.page.view.current.others[k] ?? 0;
    });
    const data = await variable.readBox({ start, shape: start.map(() => 1) }, signal);
    return unpacking(variable)(data as Float64Array)[0];
  }
}

/** Steps from one on, to both sides. */
function fromNear(step: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => k).sort(
    (a, b) => Math.abs(a - step) - Math.abs(b - step),
  );
}
