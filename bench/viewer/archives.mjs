/** Archives to look at: twelve variables of a run of ideal magnetohydrodynamics, as far as waves can have them. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { compress, createThreadPool } from "fieldzip";
import { memoryDataset } from "../scaling/memory-dataset.mjs";
import { waves } from "../waves.mjs";

/** Values along each axis of the twelve variables. */
export const edge = 128;

const own = ["rho", "vx1", "vx2", "vx3", "Bx1", "Bx2", "Bx3", "prs", "tr1"];

/** Electric field E = -v x B: three variables that the others determine, as in a real run. */
function electricField(fields) {
  const of = (name) => fields.find((field) => field.name === name).values;
  return [1, 2, 3].map((axis) => {
    const [next, last] = [(axis % 3) + 1, ((axis + 1) % 3) + 1];
    const [v1, v2, b1, b2] = [`vx${next}`, `vx${last}`, `Bx${next}`, `Bx${last}`].map(of);
    return { name: `Ex${axis}`, values: b1.map((b, i) => v2[i] * b - v1[i] * b2[i]) };
  });
}

function field({ name, values }, shape) {
  return { name, values, shape, dataType: "float32", dimensions: ["z", "y", "x"] };
}

export function run(size = edge) {
  const shape = [size, size, size];
  const fields = own.map((name, k) => ({ name, values: waves(shape, k + 1) }));
  return [...fields, ...electricField(fields)].map((one) => field(one, shape));
}

/** Archives of the run, and how each is compressed. */
const archives = {
  "exact.zarr": {},
  "exact.zarr.zip": {},
  "neural.zarr": {
    predictor: "neural",
    guarantee: { kind: "best-effort", goal: {} },
    seconds: 30,
  },
};

/** Writes the archive where it does not lie yet. */
export async function provideArchive(path, fields, options) {
  if (existsSync(path)) return;
  const pool = createThreadPool(1);
  try {
    const report = await compress(memoryDataset("waves", fields), path, { ...options, pool });
    const { originalBytes, archiveBytes } = report;
    console.error(`${path}: ${(originalBytes / archiveBytes).toFixed(1)}x`);
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw error;
  } finally {
    await pool.close();
  }
}

/** Paths of the archives in a folder by their names; written where they do not lie there yet. */
export async function provideArchives(folder) {
  const fields = run();
  const paths = {};
  for (const [name, options] of Object.entries(archives)) {
    paths[name] = join(folder, name);
    await provideArchive(paths[name], fields, options);
  }
  return paths;
}
