/** The volume that is trained on: all variables of a PLUTO run, in memory. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openDataset } from "@fieldzip/io";

export const defaultRun = "mhd/pluto_rmhd_kh12";

/** @param {string} run a folder below FIELDZIP_DATA */
export async function readVolume(run = defaultRun) {
  const data = process.env.FIELDZIP_DATA;
  if (!data) throw new Error(`FIELDZIP_DATA must name a folder that holds ${run}`);
  const dataset = await openDataset(join(data, run));
  try {
    // Coordinates and their bounds are variables, too: the largest are what was simulated.
    const countOf = ({ shape }) => shape.reduce((product, length) => product * length, 1);
    const most = Math.max(...dataset.variables.map(countOf));
    const chosen = dataset.variables.filter((variable) => countOf(variable) === most);
    const lengths = chosen[0].shape.filter((length) => length > 1);
    const names = chosen.map(({ name }) => name);
    const variables = await Promise.all(chosen.map((variable) => variable.readBox()));
    return { run, names, lengths, variables };
  } finally {
    await dataset.close();
  }
}

/** The same from a raw file of float32, one variable after another. @param {number[]} shape variables first */
export async function readRawVolume(path, [count, ...lengths]) {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  const values = new Float32Array(buffer, byteOffset, byteLength / 4);
  const length = values.length / count;
  const variables = Array.from({ length: count }, (_, v) =>
    values.subarray(v * length, (v + 1) * length),
  );
  return { lengths, variables };
}
