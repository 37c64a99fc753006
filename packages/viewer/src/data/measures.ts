import { bytesPerValue, countOf, type WorkerPool } from "@fieldzip/core";
import { thinnedOut } from "@fieldzip/core/render";
import type { StoredVariable } from "@fieldzip/io/browser";
import { createStore, type Store } from "../state/store.js";
import type { ViewState } from "../state/view-state.js";
import type { Session, SessionLoader, SideName } from "./session.js";
import type { FieldMeasures, MeasureFieldTask } from "./tasks.js";

/** What is known of the variables, by their names. */
export interface Measures {
  /** How each is stored on either side, where that is an archive. */
  readonly stored: Readonly<Record<SideName, ReadonlyMap<string, StoredVariable>>>;
  /** How each differs between the sides, at the step. */
  readonly fields: ReadonlyMap<string, FieldMeasures>;
  /** Whether all variables are being measured. */
  readonly isMeasuringAll: boolean;
}

const nothing: Measures = {
  stored: { a: new Map(), b: new Map() },
  fields: new Map(),
  isMeasuringAll: false,
};

/** The side that the other one is measured against: what is no archive is the original, else the first. */
export function originalSide({ a, b }: Session): SideName {
  return a.source?.isArchive && b.source && !b.source.isArchive ? "b" : "a";
}

/** Original bytes through stored bytes of a variable. */
export function ratioOf(
  session: Session,
  side: SideName,
  name: string,
  { stored }: Measures,
): number | undefined {
  const variable = session[side].source?.variables.find((one) => one.name === name);
  const bytes = stored[side].get(name)?.bytes;
  if (!variable || !bytes) return undefined;
  return (countOf(variable.shape) * bytesPerValue(variable.dataType)) / bytes;
}

/** Measures the variable that is shown as soon as it is here, and the others when asked. */
export class Measurer {
  readonly store: Store<Measures> = createStore<Measures>(nothing);
  private running = new AbortController();

  constructor(
    private readonly view: Store<ViewState>,
    private readonly session: SessionLoader,
    private readonly pool: WorkerPool,
  ) {
    session.store.watch(
      ({ a, b }) => [a.source, b.source],
      () => this.startAnew(),
    );
    view.watch(
      ({ step, other, others }) => [step, other, others.join()],
      () => this.forgetFields(),
    );
    session.store.watch(
      ({ a, b }) => [a.field, b.field],
      () => void this.measureShown(),
    );
    for (const side of ["a", "b"] as const) {
      // Once there is a picture: what is stored how can wait.
      session.store.watch(
        (now) => now.a.field?.done === 1 && now[side].source,
        () => void this.lookUp(side),
      );
    }
  }

  /** Loads and measures one variable after another. */
  async measureAll(): Promise<void> {
    const { signal } = this.running;
    this.store.change({ isMeasuringAll: true });
    try {
      for (const { name } of this.session.store.current.a.source?.variables ?? []) {
        if (signal.aborted) return;
        if (!this.store.current.fields.has(name)) await this.measure(name, name, signal);
      }
    } catch {
      // What could not be read is said where it is shown.
    } finally {
      this.store.change({ isMeasuringAll: false });
    }
  }

  private startAnew(): void {
    this.forgetFields();
    this.store.change({ stored: nothing.stored });
  }

  private forgetFields(): void {
    this.running.abort();
    this.running = new AbortController();
    this.store.change({ fields: nothing.fields });
  }

  private async measureShown(): Promise<void> {
    const { a, b } = this.session.store.current;
    if (a.field?.done !== 1 || b.field?.done !== 1) return;
    const { variable, other } = this.view.current;
    if (this.store.current.fields.has(variable)) return;
    await this.measure(variable, other || variable, this.running.signal).catch(() => {});
  }

  private async measure(name: string, other: string, signal: AbortSignal): Promise<void> {
    const { step } = this.view.current;
    const [a, b] = await Promise.all([
      this.session.fieldOf("a", name, step, signal),
      this.session.fieldOf("b", other, step, signal),
    ]);
    if (!a || !b || a.shape.join() !== b.shape.join()) return;
    const [original, decoded] = originalSide(this.session.store.current) === "a" ? [a, b] : [b, a];
    const task: MeasureFieldTask = {
      original: original.values,
      decoded: decoded.values,
      shape: a.shape,
    };
    const measures = await this.pool.run<MeasureFieldTask, Omit<FieldMeasures, "of">>(
      "measure-field",
      task,
      { signal },
    );
    if (signal.aborted) return;
    const fields = new Map(this.store.current.fields).set(name, { ...measures, of: thinnedOut(a) });
    this.store.change({ fields });
  }

  private async lookUp(side: SideName): Promise<void> {
    const { source } = this.session.store.current[side];
    if (!source?.isArchive || this.store.current.stored[side].size > 0) return;
    for (const { name } of source.variables) {
      const found = await source.stored(name).catch(() => undefined);
      if (this.session.store.current[side].source !== source) return;
      if (!found) continue;
      const { stored } = this.store.current;
      const known = new Map(stored[side]).set(name, found);
      this.store.change({ stored: { ...stored, [side]: known } });
    }
  }
}
