import { FieldzipError, isFieldzipError, type WorkerPool } from "@fieldzip/core";
import {
  type Field,
  type FieldLayout,
  type LevelLimits,
  type LoadOptions,
  levelsOf,
  loadField,
  type ValueRange,
} from "@fieldzip/core/render";
import { createStore, type Store } from "../state/store.js";
import type { ViewState } from "../state/view-state.js";
import { differenceField } from "./difference-field.js";
import { FieldCache } from "./field-cache.js";
import { openSource, type Source } from "./source.js";

export type SideName = "a" | "b";

/** One of the two datasets that are looked at, with what of it is here. */
export interface Side {
  readonly source?: Source;
  readonly layout?: FieldLayout;
  /** The chosen variable at the chosen step; grows while it is loaded. */
  readonly field?: Field;
  readonly isOpening: boolean;
  readonly error?: FieldzipError;
}

/** What is here of what the view asks for. */
export interface Session {
  readonly a: Side;
  readonly b: Side;
  /** b - a, or its magnitude, where both have the same shape. */
  readonly difference?: Field;
  /** Why there is none, where there are two fields. */
  readonly noDifference?: string;
  /** Least and largest value of the chosen variables in all that was loaded of them: one colour range for all. */
  readonly range: ValueRange;
}

export interface SessionLimits extends LevelLimits {
  /** Bytes of fields that are kept. */
  readonly cacheBytes: number;
}

/** Milliseconds for which panes have a size before finer values are asked for. */
const restMs = 200;
/** While fields grow, this share of the time at most goes into their difference. */
const differenceShare = 0.2;

const nothing: Side = { isOpening: false };
const noRange: ValueRange = [Number.NaN, Number.NaN];

/** Fetches what a view asks for and keeps it under a bound. */
export class SessionLoader {
  readonly store: Store<Session> = createStore<Session>({ a: nothing, b: nothing, range: noRange });
  private readonly cache: FieldCache;
  private readonly opening = { a: new AbortController(), b: new AbortController() };
  private readonly loading = { a: new AbortController(), b: new AbortController() };
  private readonly wanted = { a: "", b: "" };
  private seen = { of: "", range: noRange };
  /** Places along the longest axis that are seen, a power of two. */
  private places = 64;
  private morePlaces?: ReturnType<typeof setTimeout>;
  private compared = { at: 0, took: 0 };

  constructor(
    private readonly view: Store<ViewState>,
    private readonly pool: WorkerPool,
    private readonly limits: SessionLimits,
  ) {
    this.cache = new FieldCache(limits.cacheBytes);
    view.watch(
      (state) => state.a,
      (location) => void this.open("a", location),
    );
    view.watch(
      (state) => state.b,
      (location) => void this.open("b", location),
    );
    view.watch(
      ({ variable, other, step, others }) => [variable, other, step, others.join()],
      () => this.loadBoth(),
    );
    view.watch(
      (state) => state.difference,
      () => this.compare(),
    );
  }

  /** Tries again what failed. */
  retry(): void {
    for (const side of ["a", "b"] as const) {
      const { error, source } = this.store.current[side];
      if (error && source) this.load(side, true);
      else if (error) void this.open(side, this.view.current[side]);
    }
  }

  /** So many places along the longest axis are seen: as many are asked of networks. What is finer already stays. */
  setPlaces(seen: number): void {
    const places = 2 ** Math.ceil(Math.log2(Math.max(16, seen)));
    clearTimeout(this.morePlaces);
    if (places <= this.places) return;
    const { a, b } = this.store.current;
    const take = () => {
      this.places = places;
      if (this.asksNetworks()) this.loadBoth();
    };
    if (a.field || b.field) this.morePlaces = setTimeout(take, restMs);
    else take();
  }

  /** A variable of a side at a step, whole; kept where it was loaded already. Undefined where the side has none such. */
  async fieldOf(
    side: SideName,
    variable: string,
    step: number,
    signal: AbortSignal,
  ): Promise<Field | undefined> {
    const { source } = this.store.current[side];
    if (!source?.variables.some(({ name }) => name === variable)) return undefined;
    const key = this.keyOf(side, variable, step);
    const kept = this.cache.get(key);
    if (kept) return kept;
    const layout = await source.layout(variable);
    const held = Math.min(step, Math.max(0, (layout.time?.size ?? 1) - 1));
    const options = this.loadOptions(side, layout, held, signal);
    const field = await loadField(layout, { ...options, levels: options.levels.slice(-1) });
    this.cache.set(key, field);
    return field;
  }

  /** The same, if it is here already. */
  keptField(side: SideName, step: number): Field | undefined {
    return this.cache.get(this.keyOf(side, this.variableOf(side), step));
  }

  private async open(side: SideName, location: string | undefined): Promise<void> {
    this.opening[side].abort();
    this.loading[side].abort();
    this.wanted[side] = "";
    const controller = new AbortController();
    this.opening[side] = controller;
    const { signal } = controller;
    void this.store.current[side].source?.close();
    this.cache.deleteAll(`${side} `);
    this.change(side, { isOpening: location !== undefined });
    this.compare();
    if (location === undefined) return;
    try {
      const source = await openSource(location, this.pool, signal);
      if (signal.aborted) return await source.close();
      this.change(side, { source, isOpening: false });
      this.loadBoth();
    } catch (error) {
      if (!signal.aborted) this.fail(side, error);
    }
  }

  private loadBoth(): void {
    const { a } = this.store.current;
    if (!a.source) return;
    const { variable } = this.view.current;
    if (!a.source.variables.some(({ name }) => name === variable)) {
      // What the link says is not there: the first one is.
      this.view.change({ variable: a.source.variables[0].name, range: undefined });
      return;
    }
    this.load("a");
    this.load("b");
  }

  private variableOf(side: SideName): string {
    const { variable, other } = this.view.current;
    return side === "b" && other !== "" ? other : variable;
  }

  private keyOf(side: SideName, variable: string, step: number): string {
    const places = this.asksNetworks() ? this.places : "all";
    return [side, variable, step, this.view.current.others.join(), places].join(" ");
  }

  /** Whether the values of either side come from networks one by one: then so do those beside them. */
  private asksNetworks(): boolean {
    return (["a", "b"] as const).some(
      (side) => this.store.current[side].source?.networks?.kind(this.variableOf(side)) === "alone",
    );
  }

  private loadOptions(
    side: SideName,
    layout: FieldLayout,
    step: number,
    signal: AbortSignal,
    onProgress: (field: Field) => void = () => {},
  ): LoadOptions {
    const { others, cursor } = this.view.current;
    const { store, limits, places, pool } = this;
    const sizes = layout.space.map(({ size }) => size);
    const near = cursor ?? store.current.a.layout?.space.map(({ size }) => size >> 1) ?? [0, 0, 0];
    const networks = store.current[side].source?.networks;
    const own = networks?.kind(layout.variable.name);
    const levels = levelsOf(sizes, own, this.asksNetworks(), places, limits);
    // A chunk at every worker, and two on their way; a network is evaluated by all workers together.
    const lanes = levels.at(-1)?.by === "networks" ? 2 : pool.size + 2;
    return { step, others, near, levels, networks, lanes, signal, onProgress };
  }

  private load(side: SideName, again = false): void {
    const { source } = this.store.current[side];
    if (!source) return;
    const key = this.keyOf(side, this.variableOf(side), this.view.current.step);
    if (this.wanted[side] === key && !again) return;
    this.wanted[side] = key;
    this.loading[side].abort();
    const controller = new AbortController();
    this.loading[side] = controller;
    const kept = this.cache.get(key);
    if (kept) this.arrive(side, kept);
    else {
      this.read(side, source, key, controller.signal).catch((error) => {
        if (!controller.signal.aborted) this.fail(side, error);
      });
    }
  }

  private async read(
    side: SideName,
    source: Source,
    key: string,
    signal: AbortSignal,
  ): Promise<void> {
    const name = this.variableOf(side);
    if (!source.variables.some((variable) => variable.name === name)) {
      throw new FieldzipError("missing", {
        where: source.name,
        expected: `a variable ${name}`,
        found: source.variables.map((variable) => variable.name).join(", "),
        remedy: "choose which of its variables to compare with",
      });
    }
    const layout = await source.layout(name);
    if (signal.aborted) return;
    this.change(side, { ...this.store.current[side], layout, error: undefined });
    const last = Math.max(0, (layout.time?.size ?? 1) - 1);
    const step = Math.min(last, this.view.current.step);
    const grown = (part: Field) => {
      if (!signal.aborted && part.done < 1) this.arrive(side, part);
    };
    const options = this.loadOptions(side, layout, step, signal, grown);
    const field = await loadField(layout, { ...options, before: this.coarser(side, layout, step) });
    this.cache.set(key, field);
    if (!signal.aborted) this.arrive(side, field);
  }

  /** The field that is shown, where it is the same one: less fine, until it is read anew. */
  private coarser(side: SideName, layout: FieldLayout, step: number): Field | undefined {
    const { field } = this.store.current[side];
    return field?.layout === layout && field.step === step ? field : undefined;
  }

  /** Where a field or a part of it comes in. */
  private arrive(side: SideName, field: Field): void {
    const of = [this.view.current.variable, this.view.current.other].join(" ");
    if (this.seen.of !== of) this.seen = { of, range: noRange };
    const range = union(this.seen.range, field.range);
    if (!field.standsIn) this.seen.range = range;
    const { layout } = field;
    this.change(side, { ...this.store.current[side], layout, field, error: undefined });
    this.store.change({ range });
    this.compare();
  }

  private compare(): void {
    const { a, b } = this.store.current;
    if (!a.field || !b.field) {
      this.store.change({ difference: undefined, noDifference: undefined });
      return;
    }
    const [ofA, ofB] = [a.field, b.field].map(({ every }) => every.join());
    // Until both are as fine: what stands in would differ by what is missing.
    if (a.field.standsIn || b.field.standsIn || ofA !== ofB) {
      const { difference } = this.store.current;
      const isOfThese = difference?.layout === a.field.layout && difference.step === a.field.step;
      if (!isOfThese) this.store.change({ difference: undefined, noDifference: undefined });
      return;
    }
    if (a.field.shape.join() !== b.field.shape.join()) {
      const [one, other] = [a.field, b.field].map(({ shape }) => shape.join(" × "));
      const noDifference = `No difference: ${one} and ${other} values`;
      this.store.change({ difference: undefined, noDifference });
      return;
    }
    // A step of one is not held against another step of the other.
    if (a.field.step !== b.field.step) return;
    const started = performance.now();
    const isWhole = a.field.done === 1 && b.field.done === 1;
    const { at, took } = this.compared;
    if (!isWhole && started < at + took / differenceShare) return;
    const difference = differenceField(a.field, b.field, this.view.current.difference);
    this.compared = { at: performance.now(), took: performance.now() - started };
    this.store.change({ difference, noDifference: undefined });
  }

  private fail(side: SideName, cause: unknown): void {
    const found = cause instanceof Error ? cause.message : String(cause);
    const error = isFieldzipError(cause)
      ? cause
      : new FieldzipError(
          "io",
          {
            where: this.view.current[side] ?? "",
            found,
            remedy: "reload the page; if it goes on, report it",
          },
          cause,
        );
    this.change(side, { ...this.store.current[side], isOpening: false, error, field: undefined });
    this.compare();
  }

  private change(side: SideName, to: Side): void {
    this.store.change(side === "a" ? { a: to } : { b: to });
  }
}

function union(one: ValueRange, other: ValueRange): ValueRange {
  if (Number.isNaN(one[0])) return other;
  if (Number.isNaN(other[0])) return one;
  const range: ValueRange = [Math.min(one[0], other[0]), Math.max(one[1], other[1])];
  return range[0] === one[0] && range[1] === one[1] ? one : range;
}
