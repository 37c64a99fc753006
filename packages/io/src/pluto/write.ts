import { mkdir, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Dataset } from "@fieldzip/core";
import { flush, writeAside } from "../files/atomic.js";
import { systemError } from "../files/file.js";
import { writePlaced } from "../files/placed.js";
import { originalOf } from "../original.js";
import type { WriteOptions, Written } from "../raw/write-files.js";
import type { RunPlan } from "./plan.js";
import { planNewRun } from "./plan-new.js";
import { planOriginalRun } from "./plan-original.js";

/**
 * Writes a PLUTO run into the folder `target`: `grid.out`, `flt.out` and/or `dbl.out`, and the data
 * files. What was read from PLUTO comes back byte for byte under the same names; any other dataset
 * needs float variables on one grid of at most three axes (and a `step` or `time` axis, if any).
 *
 * Where the data came from one file alone and `target` ends as that file does (`.flt`, `.dbl`),
 * only this file is written.
 */
export async function writePluto(
  dataset: Dataset,
  target: string,
  options: WriteOptions = {},
): Promise<Written> {
  const original = originalOf(dataset);
  const plan =
    (original?.format === "pluto" ? planOriginalRun(dataset, original.original) : undefined) ??
    (await planNewRun(dataset, options.signal));
  const only = plan.files.length === 1 ? plan.files[0] : undefined;
  return only && extname(only.path) === extname(target)
    ? writeDataFile(plan, target, options)
    : writeRun(plan, target, options);
}

async function writeRun(plan: RunPlan, target: string, options: WriteOptions): Promise<Written> {
  const pending = await writeAside(target, { force: options.force });
  try {
    await mkdir(pending.path).catch((error) => {
      throw systemError(error, target, "write");
    });
    const inside = (name: string) => join(pending.path, name);
    await writePlaced(
      plan.files.map((file) => ({ ...file, path: inside(file.path) })),
      plan.variables.map(({ source, places }) => ({
        source,
        places: places.map((place) => ({ ...place, path: inside(place.path) })),
      })),
      options,
    );
    for (const { name, bytes } of plan.texts) {
      await writeFile(inside(name), bytes).catch((error) => {
        throw systemError(error, join(target, name), "write");
      });
      await flush(inside(name));
    }
    await pending.publish();
  } catch (error) {
    await pending.discard();
    throw error;
  }
  const names = [...plan.texts.map((text) => text.name), ...plan.files.map((file) => file.path)];
  const texts = plan.texts.reduce((sum, text) => sum + text.bytes.length, 0);
  return {
    files: names.map((name) => join(target, name)),
    bytes: plan.files.reduce((sum, file) => sum + file.size, texts),
  };
}

async function writeDataFile(
  plan: RunPlan,
  target: string,
  options: WriteOptions,
): Promise<Written> {
  const pending = await writeAside(target, { force: options.force });
  try {
    const [file] = plan.files;
    await writePlaced(
      [{ ...file, path: pending.path }],
      plan.variables.map(({ source, places }) => ({
        source,
        places: places.map((place) => ({ ...place, path: pending.path })),
      })),
      options,
    );
    await pending.publish();
    return { files: [target], bytes: file.size };
  } catch (error) {
    await pending.discard();
    throw error;
  }
}
