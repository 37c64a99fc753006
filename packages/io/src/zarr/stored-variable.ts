import {
  countOf,
  describeStream,
  type Guarantee,
  gridOf,
  lawText,
  type PredictorDescription,
  type StreamDescription,
  type VariableDescription,
} from "@fieldzip/core";
import type { ArchiveReader } from "./archive-reader.js";
import type { JsonObject } from "./json.js";
import type { ArrayMetadata } from "./parse.js";

/** How a variable of an archive is stored, from sizes and a few stream headers. */
export interface StoredVariable {
  /** Of a joint array, the variable's share. */
  readonly bytes: number;
  readonly chunk: readonly number[];
  readonly chunks: number;
  readonly shards: number;
  /** The variables stored in the same array, where it is not alone. */
  readonly jointWith: readonly string[];
  /** Predictor of most of the chunks that were looked at; `standard` for Zarr's own codecs. */
  readonly predictor: string;
  readonly guarantee: Guarantee["kind"];
  /** What compress was asked for: bound or goal, effort, settings of the network; undefined for Zarr's own codecs. */
  readonly asked?: JsonObject;
  /** How many chunks were looked at for what follows. */
  readonly sampledChunks: number;
  /** Share of the bytes by section, 0 to 1. */
  readonly sections: Readonly<Record<string, number>>;
  /** What the first of them says about itself; of a joint array, about this variable. */
  readonly first?: PredictorDescription;
  /** What the first of them has as this variable's law, in other variables: `-1.000 vx2 Bx3 + 1.000 vx3 Bx2`. */
  readonly law?: string;
}

/** Chunks of an array whose streams are read; enough to tell what is typical. */
const sampledChunks = 8;

/** What is found of an array; of a joint one, also the bytes of each member in the chunks that were looked at. */
interface StoredArray extends StoredVariable {
  readonly streams: readonly StreamDescription[];
}

/** Looks up how variables are stored, each array once; undefined for what is no variable of the archive. */
export function storedVariables(
  reader: ArchiveReader,
): (name: string, signal?: AbortSignal) => Promise<StoredVariable | undefined> {
  const arrays = new Map<ArrayMetadata, Promise<StoredArray>>();
  return async (name, signal) => {
    const array = reader.arrayOf(name);
    if (!array) return undefined;
    let found = arrays.get(array);
    if (!found) {
      found = inspectArray(reader, array, signal);
      arrays.set(array, found);
      found.catch(() => arrays.delete(array));
    }
    return shareOf(await found, name);
  };
}

async function inspectArray(
  reader: ArchiveReader,
  array: ArrayMetadata,
  signal?: AbortSignal,
): Promise<StoredArray> {
  const chunks = countOf(gridOf(array.shape, array.chunk));
  const every = Math.max(1, Math.floor(chunks / sampledChunks));
  const streams: StreamDescription[] = [];
  if (array.codec.name === "fieldzip") {
    let place = 0;
    for (const chunk of reader.storedChunks(array)) {
      if (place++ % every === 0 && streams.length < sampledChunks) {
        streams.push(describeStream(await chunk.bytes(signal), chunk.where));
      }
      if (streams.length === sampledChunks) break;
    }
  }
  const sections: Record<string, number> = {};
  for (const { name, bytes } of streams.flatMap((stream) => stream.sections)) {
    sections[name] = (sections[name] ?? 0) + bytes;
  }
  const total = Object.values(sections).reduce((sum, bytes) => sum + bytes, 0);
  for (const name of Object.keys(sections)) sections[name] /= total;
  return {
    bytes: await reader.storedBytes(array, signal),
    chunk: array.chunk,
    chunks,
    shards: countOf(gridOf(array.shape, array.shard)),
    jointWith: array.joint?.members.map(({ name }) => name) ?? [],
    predictor: mostFrequent(streams.map(({ predictor }) => predictor)) ?? array.codec.name,
    guarantee: streams[0]?.guarantee ?? "exact",
    asked: array.codec.name === "fieldzip" ? array.codec.configuration : undefined,
    sampledChunks: streams.length,
    sections,
    first: streams[0],
    streams,
  };
}

/** One variable of a joint array: its share of the bytes, what is said of it, and the others by name. */
function shareOf({ streams, ...stored }: StoredArray, name: string): StoredVariable {
  const names = stored.jointWith;
  const place = names.indexOf(name);
  if (place < 0) return stored;
  const parts = streams.flatMap(({ variables }) => (variables ? [variables] : []));
  const sum = (sizes: readonly { bytes: number }[]) =>
    sizes.reduce((total, { bytes }) => total + bytes, 0);
  const all = sum(parts.flat());
  const share = all > 0 ? sum(parts.map((variables) => variables[place])) / all : 1 / names.length;
  const first = parts[0]?.[place];
  return {
    ...stored,
    bytes: stored.bytes * share,
    jointWith: names.filter((other) => other !== name),
    first: first ? named(first, names) : stored.first,
    law:
      first?.law &&
      lawText(
        first.law.map(({ coefficient, factors }) => ({
          coefficient,
          factors: factors.map((factor) => names[factor]),
        })),
      ),
  };
}

/** The equation with names in the place of numbers. */
function named(description: VariableDescription, names: readonly string[]): PredictorDescription {
  const { mode, equation, details } = description;
  const text = equation?.replace(/\bv(\d+)\[/g, (_, number) => `${names[number]}[`);
  return { mode, equation: text, details };
}

function mostFrequent(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
