/** Ours in rate-distortion.mjs: an archive of the whole run, as the command writes it, on one thread. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openDataset } from "@fieldzip/io";
import { compress, openArchive } from "fieldzip";

/** Name of the row -> settings of the predictor. */
export const ours = {
  "fieldzip neural": { network: { kind: "grid" } },
  "published network, 8 bits": { network: { kind: "fourier" } },
  "published network, float32": { network: { kind: "fourier" }, weights: "float32" },
};

/**
 * @param {string} codec a name of `ours`
 * @param {{ run: string, names: string[] }} volume
 * @param {number} ratio the goal
 * @param {{ epochs?: number, folder: string, choose?: (dataset: object) => object }} options `choose`: a part of the run
 * @returns bytes of the archive, CPU seconds of the process, the decoded variables
 */
export async function compressWithNetwork(
  codec,
  { run, names },
  ratio,
  { epochs, folder, choose },
) {
  const target = join(folder, "ours.zarr.zip");
  const whole = await openDataset(join(process.env.FIELDZIP_DATA, run));
  const dataset = choose ? choose(whole) : whole;
  try {
    const start = cpuSeconds();
    const { archiveBytes } = await compress(dataset, target, {
      ...{ predictor: "neural", threads: 0, force: true },
      guarantee: { kind: "best-effort", goal: { ratio } },
      settings: { ...ours[codec], ...(epochs ? { epochs } : {}) },
    });
    const middle = cpuSeconds();
    const archive = await openArchive(target);
    const decoded = [];
    for (const name of names) decoded.push(await archive.variable(name).readBox());
    await archive.close();
    const end = cpuSeconds();
    return { bytes: archiveBytes, encode: middle - start, decode: end - middle, decoded };
  } finally {
    await whole.close();
    await rm(target, { force: true });
  }
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
