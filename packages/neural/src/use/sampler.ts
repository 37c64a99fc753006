/**
 * Variables of any dataset as functions of place: by the networks of an archive where it holds some, by
 * interpolation of stored values elsewhere.
 */
import {
  type Box,
  countOf,
  type Dataset,
  FieldzipError,
  type FloatType,
  isFloatType,
  LeastRecentlyUsed,
  type Variable,
  type WorkerPool,
} from "@fieldzip/core";
import { type ChunkNetwork, createChunkNetwork } from "./chunk-network.js";
import { interpolate, type Sampled } from "./interpolate.js";
import type { NetworkArray } from "./network-array.js";
import { checkPlaces, type Places } from "./places.js";
import { readChunkModel } from "./read-chunk-model.js";
import { sampleNetworks } from "./sample-networks.js";
import { storedValues } from "./stored-values.js";

/** How values between the stored ones come about. */
export type Method = "network" | "interpolation";

export interface Sampler {
  readonly dataset: Dataset;
  method(name: string): Method;
  /**
   * Values of variables of one shape at places of it, and derivatives along axes by index position. NaN
   * where nothing is stored. At stored places values are the stored ones, on a grid where all places are.
   */
  sample(names: readonly string[], places: Places, options?: SampleOptions): Promise<Sampled[]>;
}

export interface SampleOptions {
  /** Axes. Default: none. */
  readonly derivatives?: readonly number[];
  /**
   * Cells that the derivatives of networks are averaged over, along their axis. Default 0: the network's analytic
   * derivative at the very place. Its mean over one cell was 8 to 18 % nearer to derivatives that are known
   * (`bench/neural/use.mjs`), at about twice the price.
   */
  readonly average?: number;
  /** On grids, the networks' own values also where corrections to stored ones exist: computed one by one. */
  readonly uncorrected?: boolean;
  /** On grids, networks' values also where there are none. */
  readonly unmasked?: boolean;
  readonly signal?: AbortSignal;
}

/** The chunks of an archive, as `archiveIndex` of `@fieldzip/io` has them. */
export interface ArchiveChunks<ArrayMetadata extends ArchiveArray = ArchiveArray> {
  /** The array that holds a variable. */
  arrayOf(name: string): ArrayMetadata | undefined;
  chunkAt(
    array: ArrayMetadata,
    index: readonly number[],
  ): {
    readonly where: string;
    /** In the array, clipped to it. */
    readonly box: Box;
    bytes(signal?: AbortSignal): Promise<Uint8Array>;
  };
}

export interface ArchiveArray {
  readonly path: string;
  readonly dataType: Variable["dataType"];
  readonly shape: readonly number[];
  readonly chunk: readonly number[];
  readonly codec: {
    readonly name: string;
    /** `predictor`: what was asked for. */
    readonly configuration?: { readonly predictor?: unknown };
  };
  readonly joint?: {
    readonly axis: number;
    readonly members: readonly { readonly name: string }[];
  };
}

export interface SamplerOptions {
  /** Where networks are evaluated. Its threads need `registerSampleTask`. Default: here. */
  readonly pool?: WorkerPool;
  /** Networks that were read are kept, up to this many bytes (and at least one). Default 256 MiB. */
  readonly cacheBytes?: number;
}

const DEFAULT_CACHE_BYTES = 256 * 2 ** 20;

/** Variables that one network may hold, and where. */
interface Group<ArrayMetadata> {
  readonly array: ArrayMetadata;
  /** Of the chunks along the variable axis. */
  readonly number: number;
  readonly names: readonly string[];
}

/** `chunks`: of an archive; without them everything is interpolated. */
export function createSampler<ArrayMetadata extends ArchiveArray>(
  dataset: Dataset,
  chunks?: ArchiveChunks<ArrayMetadata>,
  options: SamplerOptions = {},
): Sampler {
  const networks = new LeastRecentlyUsed<Promise<ChunkNetwork | undefined>>(
    options.cacheBytes ?? DEFAULT_CACHE_BYTES,
  );

  function groupOf(name: string): Group<ArrayMetadata> | undefined {
    const array = chunks?.arrayOf(name);
    if (!array) return undefined;
    if (!array.joint) return { array, number: 0, names: [name] };
    const names = array.joint.members.map((member) => member.name);
    const size = array.chunk[array.joint.axis];
    const number = Math.floor(names.indexOf(name) / size);
    return { array, number, names: names.slice(number * size, (number + 1) * size) };
  }

  /** A network that was read before, or is read now. */
  function networkOf(
    { array, number }: Group<ArrayMetadata>,
    place: readonly number[],
    signal?: AbortSignal,
  ): Promise<ChunkNetwork | undefined> {
    const index = array.joint ? place.toSpliced(array.joint.axis, 0, number) : place;
    const key = `${array.path} ${index.join()}`;
    const known = networks.get(key);
    if (known) return known;
    const { where, box, bytes } = chunks!.chunkAt(array, index);
    const dataType = array.dataType as FloatType;
    const read = bytes(signal).then((stream) => {
      const { shape } = box;
      const model = readChunkModel(stream, {
        ...{ dataType, shape, where, variableAxis: array.joint?.axis },
      });
      return model && createChunkNetwork(model, dataType);
    });
    networks.set(key, read, 0);
    read.then(
      (network) => networks.set(key, read, network?.bytes ?? 0),
      () => networks.delete(key, read),
    );
    return read;
  }

  function arrayOf(group: Group<ArrayMetadata>): NetworkArray {
    const { joint, shape, chunk } = group.array;
    const without = (list: readonly number[]) => (joint ? list.toSpliced(joint.axis, 1) : list);
    return {
      shape: without(shape),
      chunk: without(chunk),
      pool: options.pool,
      network: (index, signal) => networkOf(group, index, signal),
      stored: (member) => storedValues(dataset.variable(group.names[member])),
    };
  }

  /** The variable's group where networks hold it. */
  function networksOf(name: string): Group<ArrayMetadata> | undefined {
    const group = groupOf(name);
    if (!group) return undefined;
    const { codec, dataType, shape } = group.array;
    // `auto` trains nothing.
    const trained = codec.name === "fieldzip" && codec.configuration?.predictor === "neural";
    return trained && isFloatType(dataType) && countOf(shape) > 0 ? group : undefined;
  }

  return {
    dataset,
    method(name) {
      dataset.variable(name);
      return networksOf(name) ? "network" : "interpolation";
    },
    async sample(names, places, options = {}) {
      const { derivatives = [], average = 0, uncorrected = false, unmasked, signal } = options;
      const results = new Map<string, Sampled>();
      const groups = new Map<string, { group: Group<ArrayMetadata>; wanted: string[] }>();
      const isStored = derivatives.length === 0 && !uncorrected && isStoredGrid(places);
      for (const name of new Set(names)) {
        const variable = dataset.variable(name);
        checkVariable(variable, dataset.location);
        checkPlaces(places, variable.shape, `${dataset.location}, variable ${name}`);
        const group = networksOf(name);
        if (!group || (isStored && isDense(places))) {
          const stored = storedValues(variable);
          results.set(name, await interpolate(stored, places, derivatives, signal));
          continue;
        }
        const key = `${group.array.path} ${group.number}`;
        const together = groups.get(key) ?? { group, wanted: [] };
        together.wanted.push(name);
        groups.set(key, together);
      }
      for (const { group, wanted } of groups.values()) {
        const members = wanted.map((name) => group.names.indexOf(name));
        const array = arrayOf(group);
        const how = { stored: isStored, unmasked, signal };
        const found = await sampleNetworks(array, members, places, derivatives, average, how);
        wanted.forEach((name, k) => {
          results.set(name, found[k]);
        });
      }
      return names.map((name) => results.get(name)!);
    },
  };
}

/** Whether something is stored at every place of a grid. */
export function isStoredGrid(places: Places): boolean {
  return "axes" in places && places.axes.every((axis) => axis.every(Number.isInteger));
}

/** Whether a grid takes at least half of the stored places that it spans: reading them all costs no more. */
function isDense(places: Places): boolean {
  if (!("axes" in places)) return false;
  const share = places.axes.reduce((product, axis) => {
    const [low, high] = axis.reduce(
      ([least, most], at) => [Math.min(least, at), Math.max(most, at)],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
    return axis.length > 0 ? (product * axis.length) / (high - low + 1) : product;
  }, 1);
  return share >= 0.5;
}

function checkVariable({ name, dataType }: Variable, location: string): void {
  if (dataType !== "char" && dataType !== "string") return;
  throw new FieldzipError("usage", {
    where: `${location}, variable ${name}`,
    expected: "numbers",
    found: dataType,
    remedy: "choose variables that hold numbers",
  });
}
