import { FieldzipError } from "@fieldzip/core";
import { type Hdf5Library, type Hdf5Metadata, objectType } from "./library.js";

/** Objects and nesting that a file may have; a damaged or hostile one can claim endless links. */
const maximumObjects = 100_000;
const maximumDepth = 64;

/** A dataset as the file stores it. Paths are without the leading slash. */
export interface StoredDataset {
  readonly path: string;
  readonly metadata: Hdf5Metadata;
}

/** Links that are not followed, kept so that they can be written again. */
export interface Links {
  readonly soft: Record<string, string>;
  readonly external: Record<string, { file: string; path: string }>;
}

export interface Tree {
  /** Paths, the root (`""`) first, parents before children. */
  readonly groups: readonly string[];
  readonly datasets: readonly StoredDataset[];
  readonly links: Links;
  /** Paths of named datatypes, which are not carried. */
  readonly datatypes: readonly string[];
}

/** An open file and what is needed to speak about it. */
export interface OpenHdf5 {
  readonly library: Hdf5Library;
  readonly id: bigint;
  readonly location: string;
  readonly fileBytes: number;
}

/**
 * Lists every group and dataset, in creation order where the file keeps it, else by name; the
 * datasets of a group come before those of the groups inside it.
 */
export function readTree(file: OpenHdf5): Tree {
  const groups: string[] = [];
  const datasets: StoredDataset[] = [];
  const datatypes: string[] = [];
  const soft = new Map<string, string>();
  const external = new Map<string, { file: string; path: string }>();
  let objects = 0;

  const visit = (path: string, ancestors: readonly string[]): void => {
    const where = `${file.location}, group /${path}`;
    const call = file.library.call.bind(file.library);
    const self = call(where, (h5) =>
      Array.from(h5.create_object_reference(file.id, `/${path}`)).join(" "),
    );
    // A group that holds itself by a hard link is listed once.
    if (ancestors.includes(self)) return;
    groups.push(path);
    const inner: string[] = [];
    if (ancestors.length >= maximumDepth) throw tooMuch(where, `${maximumDepth} nested groups`);
    for (const name of call(where, (h5) => h5.get_names(file.id, `/${path}`, false))) {
      const child = path === "" ? name : `${path}/${name}`;
      objects += 1;
      if (objects > maximumObjects) throw tooMuch(file.location, `${maximumObjects} objects`);
      const inside = `${file.location}, object /${child}`;
      const target = call(inside, (h5) => h5.get_symbolic_link(file.id, `/${child}`));
      if (target !== null) {
        soft.set(child, target);
        continue;
      }
      const elsewhere = call(inside, (h5) => h5.get_external_link(file.id, `/${child}`));
      if (elsewhere.filename !== undefined) {
        external.set(child, { file: elsewhere.filename, path: elsewhere.obj_path ?? "/" });
        continue;
      }
      const type = call(inside, (h5) => h5.get_type(file.id, `/${child}`));
      if (type === objectType.group) {
        inner.push(child);
      } else if (type === objectType.dataset) {
        const metadata = call(inside, (h5) => h5.get_dataset_metadata(file.id, `/${child}`));
        checkExtent(metadata, `${file.location}, variable ${child}`);
        datasets.push({ path: child, metadata });
      } else if (type === objectType.datatype) {
        datatypes.push(child);
      }
    }
    for (const child of inner) visit(child, [...ancestors, self]);
  };
  visit("", []);
  return {
    groups,
    datasets,
    datatypes,
    links: { soft: Object.fromEntries(soft), external: Object.fromEntries(external) },
  };
}

function checkExtent(metadata: Hdf5Metadata, where: string): void {
  const bytes = (metadata.shape ?? []).reduce((all, size) => all * Math.max(1, size), 1);
  if (bytes * Math.max(1, metadata.size) <= Number.MAX_SAFE_INTEGER) return;
  throw new FieldzipError("limit", {
    where,
    expected: "at most 2^53 bytes",
    found: `shape ${metadata.shape?.join(" x ")}`,
    remedy: "the file is damaged; fetch or write it again",
  });
}

function tooMuch(where: string, limit: string): FieldzipError {
  return new FieldzipError("limit", {
    where,
    expected: `at most ${limit}`,
    found: "more",
    remedy: "the file is damaged, or must be split into several",
  });
}
