import { type Dataset, FieldzipError, type Variable, type WorkerPool } from "@fieldzip/core";
import {
  type FieldLayout,
  layoutOf,
  type NetworkSampler,
  shownVariables,
} from "@fieldzip/core/render";
import {
  archiveIndex,
  blobStore,
  openUrl,
  openZarrIn,
  openZipBlob,
  type StoredVariable,
  storedVariables,
} from "@fieldzip/io/browser";
import { networksOf } from "./networks.js";

/** A file, or a folder's files by their path below it. */
export type Dropped = File | ReadonlyMap<string, File>;

/** An opened dataset. */
export interface Source {
  readonly location: string;
  /** Short, for people: `run.zarr`. */
  readonly name: string;
  readonly dataset: Dataset;
  /** Whether it is an archive of fieldzip: only those know their ratio and what they learned. */
  readonly isArchive: boolean;
  /** The variables that have a picture. */
  readonly variables: readonly Variable[];
  /** The networks of an archive that holds some. */
  readonly networks?: NetworkSampler;
  layout(variable: string): Promise<FieldLayout>;
  /** How a variable is stored; undefined for what is no archive. */
  stored(variable: string): Promise<StoredVariable | undefined>;
  close(): Promise<void>;
}

const droppedPrefix = "file:";
const droppedOnes = new Map<string, Dropped>();

/** Remembers what was dropped; its location, which holds as long as the page. */
export function keepDropped(name: string, dropped: Dropped): string {
  droppedOnes.set(name, dropped);
  return droppedPrefix + name;
}

/** Opens a Zarr hierarchy behind a URL (relative to the page), or one that was dropped. Reads metadata only. */
export async function openSource(
  location: string,
  pool: WorkerPool,
  signal?: AbortSignal,
): Promise<Source> {
  const dataset = await openZarrIn(await storeOf(location, signal), { pool, signal });
  const layouts = new Map<string, Promise<FieldLayout>>();
  const variables = shownVariables(dataset);
  const reader = archiveIndex(dataset);
  const stored = reader && storedVariables(reader);
  if (variables.length === 0) {
    await dataset.close();
    throw new FieldzipError("unsupported", {
      where: nameOf(location),
      expected: "a variable of numbers on two axes or more",
      found: dataset.variables.map(({ name }) => name).join(", ") || "no variables",
      remedy: "open an archive that holds fields; `fieldzip inspect` lists what is in this one",
    });
  }
  return {
    location,
    name: nameOf(location),
    dataset,
    isArchive: reader !== undefined,
    networks: await networksOf(dataset, pool),
    variables,
    layout(name) {
      let found = layouts.get(name);
      if (!found) {
        found = layoutOf(dataset, dataset.variable(name), signal);
        layouts.set(name, found);
      }
      return found;
    },
    stored: async (name) => stored?.(name, signal),
    close: () => dataset.close(),
  };
}

async function storeOf(location: string, signal?: AbortSignal) {
  if (!location.startsWith(droppedPrefix)) {
    return openUrl(new URL(location, document.baseURI).href, signal);
  }
  const name = location.slice(droppedPrefix.length);
  const dropped = droppedOnes.get(name);
  if (!dropped) {
    throw new FieldzipError("missing", {
      where: name,
      expected: "the file, which a link cannot hold",
      found: "its name only",
      remedy: "drop the file on the page again",
    });
  }
  return dropped instanceof File ? openZipBlob(dropped, name, signal) : blobStore(dropped, name);
}

/** The last part of a location: `http://host/raw/run.zarr?token=…` is `run.zarr`. */
export function nameOf(location: string): string {
  const path = location
    .replace(/^file:/, "")
    .replace(/[?#].*$/, "")
    .replace(/\/+$/, "");
  const last = path.slice(path.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(last) || location;
  } catch {
    return last;
  }
}
