/** Result files: JSON, and beside it the same as tables and as a picture. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";

/**
 * What `--add` adds to; `empty` without it, or without such a file.
 * @template T
 * @param {string} output
 * @param {{ machine: { cpu: string } }} origin of what is added: it must be the same machine
 * @param {T} empty
 * @returns {Promise<T>}
 */
export async function earlierResult(output, origin, add, empty) {
  if (!add || !existsSync(output)) return empty;
  const before = JSON.parse(await readFile(output, "utf8"));
  if (before.machine.cpu !== origin.machine.cpu) {
    throw new Error(`--add: ${output} was measured on ${before.machine.cpu}`);
  }
  return before;
}

/** @param {{ report: (result: object) => string, picture?: (result: object) => string }} as */
export async function writeResult(output, result, { report, picture }) {
  await writeFile(output, `${JSON.stringify(result, undefined, 1)}\n`);
  await writeFile(output.replace(/\.json$/, ".md"), report(result));
  if (picture) await writeFile(output.replace(/\.json$/, ".svg"), picture(result));
}
