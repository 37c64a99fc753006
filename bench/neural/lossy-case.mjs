/** A volume for codecs that take one field at a time, and what they made of it. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { difference, structuralSimilarity } from "@fieldzip/core";

/**
 * @typedef {object} Part one field as a codec gets it
 * @property {number} variable
 * @property {string} path
 * @property {string} decoded
 * @property {number[]} shape
 */

/**
 * Writes the volume's fields; steps together (`whole`) and apart (`steps`), where there are several.
 * @returns {Promise<Record<string, Part[]>>}
 */
export async function writeParts({ lengths, variables }, folder) {
  const ways = { whole: [lengths, 1] };
  if (lengths.length === 4) ways.steps = [lengths.slice(1), lengths[0]];
  const parts = {};
  for (const [way, [shape, count]] of Object.entries(ways)) {
    parts[way] = [];
    for (const [variable, values] of variables.entries()) {
      for (let step = 0; step < count; step++) {
        const name = join(folder, `${way}-${variable}-${step}`);
        const [path, decoded] = [`${name}.raw`, `${name}.decoded`];
        const length = values.length / count;
        await writeFile(path, values.subarray(step * length, (step + 1) * length));
        parts[way].push({ variable, path, decoded, shape });
      }
    }
  }
  return parts;
}

/** Least and largest value of every variable apart from each other: what errors are related to. */
export function rangesOf({ variables }) {
  return variables.map((values) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return high - low;
  });
}

/** All parts with the same error relative to their variables' ranges. */
export async function codeParts(parts, ranges, error, ask) {
  const sum = { bytes: 0, encode: 0, decode: 0 };
  for (const { variable, path, decoded, shape } of parts) {
    const answer = await ask({ path, decoded, shape, error: error * ranges[variable] });
    if (answer.error) throw new Error(answer.error);
    sum.bytes += answer.bytes;
    sum.encode += answer.compress;
    sum.decode += answer.decompress;
  }
  return sum;
}

/** The decoded variables, in the order of the volume. */
export async function readDecoded(parts, { variables }) {
  const decoded = variables.map((values) => new Float32Array(values.length));
  const filled = variables.map(() => 0);
  for (const { variable, decoded: path } of parts) {
    const bytes = await readFile(path);
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    decoded[variable].set(values, filled[variable]);
    filled[variable] += values.length;
  }
  return decoded;
}

/** Mean over the variables, and each: PSNR in dB, SSIM of the 3-D volume (mean over steps). */
export function fidelityOf({ lengths, names, variables }, ranges, decoded) {
  const volume = lengths.slice(-3);
  const length = volume.reduce((a, b) => a * b, 1);
  const psnrs = variables.map((values, v) => difference(values, decoded[v]).psnr);
  const ssims = variables.map((values, v) => {
    const steps = values.length / length;
    let sum = 0;
    for (let from = 0; from < values.length; from += length) {
      const [a, b] = [values, decoded[v]].map((all) => all.subarray(from, from + length));
      sum += structuralSimilarity(a, b, volume, ranges[v]);
    }
    return sum / steps;
  });
  const named = (figures, digits) =>
    Object.fromEntries(names.map((name, v) => [name, Number(figures[v].toFixed(digits))]));
  return {
    meanPsnr: Number(mean(psnrs).toFixed(2)),
    meanSsim: Number(mean(ssims).toFixed(4)),
    psnr: named(psnrs, 2),
    ssim: named(ssims, 4),
  };
}

function mean(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
