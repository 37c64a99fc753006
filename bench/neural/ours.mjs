/** Ours in rate-distortion.mjs: an archive of the whole run, as the command writes it, on one thread. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openDataset } from "@fieldzip/io";
import { compress, openArchive } from "fieldzip";

/** Name of the row -> settings of the predictor. */
export const ours = {
  "fieldzip neural": { network: { kind: "grid" } },
  "fieldzip neural, published": { network: { kind: "fourier" } },
};

/**
 * @param {string} codec a name of `ours`
 * @param {{ run: string, names: string[] }} volume
 * @param {number} ratio the goal
 * @param {{ epochs?: number, folder: string }} options
 * @returns bytes of the archive, CPU seconds of the process, the decoded variables
 */
export async function compressWithNetwork(codec, { run, names }, ratio, { epochs, folder }) {
  const target = join(folder, "ours.zarr.zip");
  const dataset = await openDataset(join(process.env.FIELDZIP_DATA, run));
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
    await dataset.close();
    await rm(target, { force: true });
  }
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
