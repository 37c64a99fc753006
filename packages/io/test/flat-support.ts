import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bytesOf,
  Dataset,
  type DatasetSource,
  FieldzipError,
  type Json,
  type NumericArray,
} from "@fieldzip/core";
import { afterAll, afterEach, expect } from "vitest";

/** A folder for one test file, removed after it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "fieldzip-io-"));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Bytes without any pattern, the same in every run: every NaN payload among them. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0 || 1;
  for (let k = 0; k < length; k++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[k] = state >>> 24;
  }
  return bytes;
}

/** Every file below a folder with its bytes. */
export async function contentsOf(folder: string): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, name);
    if ((await stat(path)).isFile()) contents[name] = (await readFile(path)).toString("hex");
  }
  return contents;
}

/** The error a promise ends with; the test fails where it ends without one or with an untyped one. */
export async function errorOf(promise: Promise<unknown>): Promise<FieldzipError> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(FieldzipError);
  return error as FieldzipError;
}

/** The dataset as an archive presents it again: same variables, `original` one level down, through JSON. */
export function asArchive(dataset: Dataset): Dataset {
  const { source } = dataset;
  const json = (value: Json | undefined) =>
    value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as Json);
  return new Dataset({
    ...source,
    format: "archive",
    original: { format: source.format, original: json(source.original) ?? null },
    variables: source.variables.map((variable) => ({
      ...variable,
      original: json(variable.original),
      // Chunks of an archive span several steps and part of each axis.
      storedChunk: variable.shape.map((size) => Math.max(1, Math.ceil(size / 2))),
    })),
  });
}

export async function bytesOfVariable(dataset: Dataset, name: string): Promise<Uint8Array> {
  return bytesOf((await dataset.variable(name).readBox()) as NumericArray);
}

/** A dataset of what a reader opened; closed after the test. */
export async function opened(source: Promise<DatasetSource>): Promise<Dataset> {
  return closing(new Dataset(await source));
}

/** The dataset, closed after the test. */
export function closing(dataset: Dataset): Dataset {
  open.push(dataset);
  return dataset;
}
const open: Dataset[] = [];
afterEach(async () => {
  for (const dataset of open.splice(0)) await dataset.close();
});
