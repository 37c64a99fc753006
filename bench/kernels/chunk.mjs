/** The chunk that is measured, and everything that its coding passes from stage to stage. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { predictors } from "@fieldzip/core";
import { openDataset } from "@fieldzip/io";
import { createEncoder } from "@fieldzip/kernels";
import { waves } from "../waves.mjs";

export const mechanism = predictors.find(({ name }) => name === "mechanism");

/** The density of `mhd/rrmhd_turb` in the data folder, or a generated volume of that size. */
export async function chunkToMeasure(data) {
  const path = data && join(data, "mhd/rrmhd_turb");
  if (path && existsSync(path)) {
    const dataset = await openDataset(path);
    try {
      const variable = dataset.variables.find(({ name }) => /^(rho|density|data)/i.test(name));
      const shape = variable.shape.filter((size) => size > 1);
      return { name: `mhd/rrmhd_turb ${variable.name}`, shape, values: await variable.readBox() };
    } finally {
      await dataset.close();
    }
  }
  const shape = [80, 96, 96];
  return { name: "generated waves", shape, values: waves(shape) };
}

/** Plan, class model, sections, samples: caught on their way through one encoding. */
export function captureStages({ values, shape }) {
  const caught = { samples: new Float64Array(0), solution: undefined };
  const encoder = createEncoder();
  const watched = {
    ...encoder,
    open(field, geometry, mapping) {
      if (mapping?.mask || mapping?.lattices) return encoder.open(field, geometry, mapping);
      const chunk = encoder.open(field, geometry, mapping);
      return {
        ...chunk,
        samples(...args) {
          const samples = chunk.samples(...args);
          const { columns } = samples;
          return {
            ...samples,
            reweighted(solution, rows) {
              if (rows * columns > caught.samples.length) {
                const weights = new Float64Array(rows).fill(1);
                const all = samples.rows().subarray(0, rows * columns);
                Object.assign(caught, { samples: all, columns, rows, weights, solution });
              }
              return samples.reweighted(solution, rows);
            },
          };
        },
        predict(plan) {
          chunk.predict(plan);
          Object.assign(caught, { geometry, plan, ...chunk.residuals() });
        },
        packBits() {
          caught.bits = chunk.packBits();
          return caught.bits;
        },
        encodeClasses(map, contexts) {
          caught.coded = chunk.encodeClasses(map, contexts);
          Object.assign(caught, { map: map.slice(), contexts });
          return caught.coded;
        },
      };
    },
  };
  mechanism.encode(values, shape, watched, { effort: "default" });
  if (!caught.plan) throw new Error("the chunk has a mask or a lattice: nothing plain to measure");
  return { values, ...caught };
}
