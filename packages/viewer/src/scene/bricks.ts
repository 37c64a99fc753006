import type { WorkerPool } from "@fieldzip/core";
import type { Field, FieldValues, ValueScale } from "@fieldzip/core/render";
import {
  ClampToEdgeWrapping,
  Data3DTexture,
  HalfFloatType,
  LinearFilter,
  NearestFilter,
  RedFormat,
  UnsignedByteType,
} from "three/webgpu";
import { cellMap, type PrepareBrickTask, type PreparedBrick } from "../data/tasks.js";

/** Values along an edge of a brick, at most: 33 MiB of half floats; a binding may hold 128 MiB on many devices. */
export const brickEdge = 256;
/** Values along an edge of a cell of the map of what is where. */
const cellValues = 8;
/** Milliseconds between two uploads while a field is loaded. */
const betweenMs = 250;

type Triple = readonly [number, number, number];

/** A part of a field on the GPU, with one layer of its neighbours' values around it. Triples are z, y, x. */
export interface Brick {
  /** The first value of the texture, and how many it holds, along each axis of the field. */
  readonly origin: Triple;
  readonly size: Triple;
  /** The part of the field that is drawn from it: shares 0 to 1. */
  readonly low: Triple;
  readonly high: Triple;
  readonly texture: Data3DTexture;
  readonly prepared: PreparedBrick;
  /** Where something is to be seen under the present transfer function. */
  readonly map: Data3DTexture;
}

/** Brings a field to the GPU brick by brick, in workers; what was there before stays until the new is whole. */
export class BrickLoader {
  bricks: readonly Brick[] = [];
  /** The field that the bricks hold. */
  field?: Field;
  private wanted = "";
  private wantedValues?: FieldValues;
  private running = false;
  private again?: () => void;
  private last = 0;
  private isDisposed = false;

  constructor(
    private readonly pool: WorkerPool,
    private readonly onReady: () => void,
    private readonly edge = brickEdge,
  ) {}

  /** Asks for a field under a scale. */
  want(field: Field, scale: ValueScale): void {
    const { layout, step, version } = field;
    const of = [
      layout.variable.name,
      step,
      version,
      field.values.length,
      scale.name,
      ...scale.range,
    ];
    const key = of.join(" ");
    if (key === this.wanted && field.values === this.wantedValues) return;
    this.wanted = key;
    this.wantedValues = field.values;
    const run = () => void this.load(field, scale);
    if (this.running) this.again = run;
    else run();
  }

  /** Whether the bricks are those that were asked for last. */
  get isReady(): boolean {
    return !this.running && this.bricks.length > 0;
  }

  /** Marks the cells in which something shows. */
  mark(shows: (place: number) => boolean): void {
    this.setMaps((prepared) => cellMap(prepared, shows));
  }

  /** Marks the cells with values on both sides of a place. */
  markAround(place: number): void {
    const at = place * 255;
    this.setMaps(({ lows, highs }) =>
      Uint8Array.from(lows, (low, k) => (low <= at && highs[k] >= at ? 255 : 0)),
    );
  }

  private setMaps(make: (prepared: PreparedBrick) => Uint8Array): void {
    for (const { prepared, map } of this.bricks) {
      (map.image.data as Uint8Array).set(make(prepared));
      map.needsUpdate = true;
    }
  }

  dispose(): void {
    this.isDisposed = true;
    this.again = undefined;
    discard(this.bricks);
    this.bricks = [];
  }

  private async load(field: Field, scale: ValueScale): Promise<void> {
    this.running = true;
    const wait = field.done < 1 ? this.last + betweenMs - performance.now() : 0;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    // Something newer came meanwhile: that alone.
    if (!this.again) {
      try {
        const made = await Promise.all(
          brickPlaces(field.shape, this.edge).map((place) => this.prepare(field, scale, place)),
        );
        if (this.isDisposed) discard(made);
        else {
          discard(this.bricks);
          this.bricks = made;
          this.field = field;
          this.onReady();
        }
      } catch {
        // The pool was closed, or a worker ended: what is shown stays.
      }
      this.last = performance.now();
    }
    this.running = false;
    const next = this.again;
    this.again = undefined;
    next?.();
  }

  private async prepare(field: Field, scale: ValueScale, place: BrickPlace): Promise<Brick> {
    const task: PrepareBrickTask = {
      values: part(field, place),
      shape: place.size,
      scale: scale.name,
      range: scale.range,
      cell: cellValues,
    };
    const prepared = await this.pool.run<PrepareBrickTask, PreparedBrick>("prepare-brick", task);
    const [nz, ny, nx] = place.size;
    const texture = new Data3DTexture(prepared.halves, nx, ny, nz);
    texture.format = RedFormat;
    texture.type = HalfFloatType;
    texture.minFilter = texture.magFilter = LinearFilter;
    texture.wrapS = texture.wrapT = texture.wrapR = ClampToEdgeWrapping;
    texture.unpackAlignment = 1;
    texture.needsUpdate = true;
    const [cz, cy, cx] = prepared.cells;
    const map = new Data3DTexture(new Uint8Array(prepared.lows.length), cx, cy, cz);
    map.format = RedFormat;
    map.type = UnsignedByteType;
    map.minFilter = map.magFilter = NearestFilter;
    map.unpackAlignment = 1;
    return { ...place, texture, prepared, map };
  }
}

interface BrickPlace {
  readonly origin: Triple;
  readonly size: Triple;
  readonly low: Triple;
  readonly high: Triple;
}

/** Bricks that cover a field: equal parts of at most `edge` values along each axis. */
export function brickPlaces(shape: Triple, edge: number): BrickPlace[] {
  const parts = shape.map((count) => {
    const bricks = Math.ceil(count / edge);
    return Array.from({ length: bricks }, (_, k) => {
      const [from, to] = [k, k + 1].map((at) => Math.round((at * count) / bricks));
      const [first, end] = [Math.max(0, from - 1), Math.min(count, to + 1)];
      return { origin: first, size: end - first, low: from / count, high: to / count };
    });
  });
  return parts[0].flatMap((z) =>
    parts[1].flatMap((y) =>
      parts[2].map((x): BrickPlace => {
        const triple = (key: "origin" | "size" | "low" | "high"): Triple => [
          z[key],
          y[key],
          x[key],
        ];
        return {
          origin: triple("origin"),
          size: triple("size"),
          low: triple("low"),
          high: triple("high"),
        };
      }),
    ),
  );
}

function part({ values, shape }: Field, { origin, size }: BrickPlace): FieldValues {
  if (size.join() === shape.join()) return values;
  const count = size[0] * size[1] * size[2];
  const out = values instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
  let to = 0;
  for (let z = 0; z < size[0]; z++) {
    for (let y = 0; y < size[1]; y++) {
      const from = ((origin[0] + z) * shape[1] + origin[1] + y) * shape[2] + origin[2];
      out.set(values.subarray(from, from + size[2]), to);
      to += size[2];
    }
  }
  return out;
}

function discard(bricks: readonly Brick[]): void {
  for (const { texture, map } of bricks) {
    texture.dispose();
    map.dispose();
  }
}
