/** Datasets whose values lie in memory, so that reading a file costs nothing while coding is measured. */
import { Dataset, extractBox, isFloatType } from "@fieldzip/core";
import { openDataset } from "@fieldzip/io";

/** @param {{ name: string, dataType: string, shape: number[], values: Float32Array | Float64Array, dimensions?: string[] }[]} fields */
export function memoryDataset(location, fields) {
  const sizes = new Map();
  const variables = fields.map(({ name, dataType, shape, values, dimensions }) => {
    const axes = dimensions ?? shape.map((_, axis) => `dim_${axis}`);
    axes.forEach((axis, k) => {
      sizes.set(axis, shape[k]);
    });
    return {
      name,
      dataType,
      shape,
      dimensions: axes,
      attributes: {},
      readBox: async (box) => extractBox(dataType, values, shape, box),
    };
  });
  return new Dataset({
    format: "memory",
    location,
    dimensions: [...sizes].map(([name, size]) => ({ name, size })),
    groups: [{ path: "", attributes: {} }],
    variables,
    close: async () => {},
  });
}

/** The float variables of a file, read into memory; the small ones left out. */
export async function readIntoMemory(path, leastValues = 15_000) {
  const dataset = await openDataset(path);
  try {
    const fields = [];
    for (const variable of dataset.variables) {
      const { name, dataType, shape, dimensions } = variable;
      const count = shape.reduce((product, size) => product * size, 1);
      if (!isFloatType(dataType) || count < leastValues) continue;
      fields.push({ name, dataType, shape, dimensions, values: await variable.readBox() });
    }
    return fields;
  } finally {
    await dataset.close();
  }
}
