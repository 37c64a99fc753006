/** The fields of a data folder: every float variable of every file that fieldzip reads. */
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { Dataset, extractBox } from "@fieldzip/core";
import { openDataset } from "@fieldzip/io";

/** Coordinates and other small variables say nothing about compression. */
const leastValues = 15_000;
const wholeFile = "all variables";

/**
 * @typedef {object} Field
 * @property {string} name file and variable, relative to the data folder
 * @property {string} file
 * @property {"float32" | "float64"} dataType
 * @property {number[]} shape slowest axis first; a whole file's first axis is its variables
 * @property {Float32Array | Float64Array} values
 * @property {boolean} whole all variables of a file, one after another
 * @property {Dataset} [dataset] of a whole file: those variables, in memory
 */

/**
 * Reads the fields one at a time.
 * @param {string} folder
 * @param {(name: string) => boolean} wanted
 * @returns {AsyncGenerator<Field>}
 */
export async function* fieldsOf(folder, wanted) {
  for (const path of await inputsOf(folder)) {
    const file = relative(folder, path) || ".";
    const raw = rawShape(path);
    if (raw) {
      const field = { name: file, file, dataType: "float32", shape: raw, whole: false };
      if (wanted(field.name)) yield { ...field, values: floats(await readFile(path)) };
      continue;
    }
    yield* fieldsOfDataset(path, file, wanted);
  }
}

async function* fieldsOfDataset(path, file, wanted) {
  const dataset = await openDataset(path);
  try {
    const variables = dataset.variables.filter(
      ({ dataType, shape }) =>
        (dataType === "float32" || dataType === "float64") &&
        shape.reduce((count, size) => count * size, 1) >= leastValues,
    );
    for (const variable of variables) {
      const name = `${file} ${variable.name}`;
      const { dataType, shape } = variable;
      if (!wanted(name)) continue;
      yield {
        name,
        file,
        dataType,
        shape: [...shape],
        values: await variable.readBox(),
        whole: false,
      };
    }
    const alike = variables.filter(
      ({ dataType, shape }) =>
        dataType === variables[0].dataType && shape.join() === variables[0].shape.join(),
    );
    const whole = `${file} ${wholeFile}`;
    if (dataset.format === "pluto" && alike.length > 1 && wanted(whole)) {
      const held = await inMemory(dataset, alike);
      yield { name: whole, file, ...(await joined(alike)), whole: true, dataset: held };
    }
  } finally {
    await dataset.close();
  }
}

/** The dataset of these variables alone, all values in memory, so that reading files is not timed. */
async function inMemory({ source, variables: all }, variables) {
  const held = [];
  for (const [k, variable] of source.variables.entries()) {
    if (!variables.includes(all[k])) continue;
    const { dataType, shape } = variable;
    const values = await all[k].readBox();
    held.push({ ...variable, readBox: async (box) => extractBox(dataType, values, shape, box) });
  }
  return new Dataset({ ...source, variables: held, close: async () => {} });
}

/** One array `[variable, ...shape]`, as PLUTO's single_file stores a step. */
async function joined(variables) {
  const { dataType, shape } = variables[0];
  const parts = [];
  for (const variable of variables) parts.push(await variable.readBox());
  const values = new parts[0].constructor(parts.reduce((count, part) => count + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    values.set(part, offset);
    offset += part.length;
  }
  return { dataType, shape: [variables.length, ...shape], values };
}

/** Files to read, in order of name; a folder with a `grid.out` is one PLUTO run. */
async function inputsOf(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.some((entry) => entry.name === "grid.out")) return [folder];
  const found = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await inputsOf(path)));
    else if ([".nc", ".cdf", ".h5"].includes(extname(path)) || rawShape(path)) found.push(path);
  }
  return found;
}

/** `name_999x998.f32` is slowest axis first, `name.128_128_41` fastest axis first; both float32. */
function rawShape(path) {
  const slowFirst = /(?:^|[_/])(\d+(?:x\d+)+)\.(?:f32|float)$/.exec(path);
  if (slowFirst) return slowFirst[1].split("x").map(Number);
  const fastFirst = /\.(\d+(?:_\d+)+)$/.exec(path);
  return fastFirst?.[1].split("_").map(Number).reverse();
}

function floats(bytes) {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}
