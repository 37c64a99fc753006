import {
  compress,
  createArchiveIn,
  Dataset,
  memoryStore,
  openArchive,
  openArchiveIn,
  type VariableSource,
} from "../../src/browser.js";

/** Reads a slab of an archive behind a URL: what a page does. */
export async function readOver(url: string) {
  const archive = await openArchive(url);
  const slab = await archive.variable("rho").read({ step: 1, z: [3, 9] });
  const data = slab.data as Float32Array;
  const names = archive.variables.map((variable) => variable.name);
  await archive.close();
  return {
    names,
    shape: slab.shape,
    bits: [...new Uint32Array(data.buffer, data.byteOffset, data.length)],
  };
}

/** Compresses into memory and reads it back, through the same archive layer. */
export async function compressInMemory() {
  const values = Float32Array.from({ length: 24 * 40 * 50 }, (_, i) =>
    Math.fround(Math.sqrt(i) * 1e-3),
  );
  values[7] = Number.NaN;
  const source: VariableSource = {
    name: "rho",
    dataType: "float32",
    shape: [24, 40, 50],
    dimensions: ["z", "y", "x"],
    attributes: { units: { type: "string", values: ["kg m-3"], scalar: true } },
    readBox: async (box) => {
      const plane = 40 * 50;
      return values.slice(box.start[0] * plane, (box.start[0] + box.shape[0]) * plane);
    },
  };
  const step: VariableSource = {
    ...source,
    name: "z",
    dataType: "int32",
    shape: [24],
    dimensions: ["z"],
    attributes: {},
    readBox: async (box) => Int32Array.from({ length: box.shape[0] }, (_, i) => i + box.start[0]),
  };
  const dataset = new Dataset({
    format: "memory",
    location: "memory",
    dimensions: [
      { name: "z", size: 24 },
      { name: "y", size: 40 },
      { name: "x", size: 50 },
    ],
    groups: [{ path: "", attributes: {} }],
    variables: [source, step],
    close: async () => {},
  });
  const store = memoryStore();
  const report = await compress(dataset, createArchiveIn(store));
  const archive = await openArchiveIn(store);
  const { data } = await archive.variable("rho").read();
  const back = data as Float32Array;
  const same = new Uint32Array(back.buffer).every(
    (word, i) => word === new Uint32Array(values.buffer)[i],
  );
  const { data: levels } = await archive.variable("z").read({ z: [20, 22] });
  return {
    same,
    ratio: report.originalBytes / report.archiveBytes,
    levels: [...(levels as Int32Array)],
  };
}
