// node make_streams.mjs FOLDER: streams of every registered predictor and effort over awkward shapes and values, and
// what Node decodes them to, as JSON. A predictor that is registered is tested.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { neuralStreams } from "../../../scripts/freeze-neural.mjs";
import { compressChunk, decompressChunk, predictors } from "../../core/dist/index.js";

const folder = process.argv[2];
const bytesOf = (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const made = [];
const kinds = {
  smooth: (i) => Math.sin(i / 9) + Math.cos(i / 37),
  lattice: (i) => Math.round(100 * Math.sin(i / 9)) / 8,
  masked: (i) => (i % 11 < 3 ? 1e20 : Math.sin(i / 9)),
  constant: () => -0,
  odd: (i) => [Number.NaN, Number.POSITIVE_INFINITY, -0, 5e-324, 1e-40, Math.sin(i)][i % 6],
  noise: (i) => ((Math.imul(i + 1, 2654435761) >>> 0) / 2 ** 32 - 0.5) * 1e6,
};
const shapes = [[], [0], [1], [7], [13, 17], [3, 23, 29], [2, 3, 4, 31]];
for (const { name: predictor } of predictors) {
  for (const effort of ["fast", "default", "max"]) {
    for (const dataType of ["float32", "float64"]) {
      for (const [kind, value] of Object.entries(kinds)) {
        for (const shape of shapes) {
          const count = shape.reduce((product, extent) => product * extent, 1);
          const values = new (dataType === "float32" ? Float32Array : Float64Array)(count);
          for (let i = 0; i < count; i++) values[i] = value(i);
          const { bytes } = await compressChunk(values, shape, { predictor, effort });
          const decoded = await decompressChunk(bytes, { dataType, shape, where: "stream" });
          const file = `${made.length}.fzs`;
          writeFileSync(join(folder, file), bytes);
          made.push({
            ...{ file, predictor, effort, dataType, kind, shape },
            sha256: createHash("sha256").update(bytesOf(decoded)).digest("hex"),
          });
        }
      }
    }
  }
}
for (const { name, values, shape, bytes } of await neuralStreams(() => false)) {
  const dataType = values instanceof Float32Array ? "float32" : "float64";
  const decoded = await decompressChunk(bytes, { dataType, shape, where: name });
  const file = `${name}.fzs`;
  writeFileSync(join(folder, file), bytes);
  const sha256 = createHash("sha256").update(bytesOf(decoded)).digest("hex");
  made.push({ file, predictor: "neural", dataType, kind: name, shape, sha256 });
}
console.log(JSON.stringify(made));
