import type { Dataset, FloatType, WorkerPool } from "@fieldzip/core";
import type { NetworkSampler } from "@fieldzip/core/render";
import { archiveIndex } from "@fieldzip/io/browser";

/** Bytes of networks that are kept in this thread; a worker keeps as many of those that it evaluates. */
const networkBytes = 64 * 2 ** 20;

/** The networks of an archive; undefined where it holds none. Their code is fetched where there are some. */
export async function networksOf(
  dataset: Dataset,
  pool: WorkerPool,
): Promise<NetworkSampler | undefined> {
  const index = archiveIndex(dataset);
  const asked = (variable: string) => {
    const codec = index?.arrayOf(variable)?.codec;
    return codec?.name === "fieldzip" ? codec.configuration : undefined;
  };
  const isTrained = (variable: string) => asked(variable)?.predictor === "neural";
  if (!index || !dataset.variables.some(({ name }) => isTrained(name))) return undefined;
  const { createSampler, registerNeuralPredictor } = await import("@fieldzip/neural");
  // Boxes of a chunk then are decoded without the rest of it, and what it is made up of can be told.
  registerNeuralPredictor();
  const sampler = createSampler(dataset, index, { pool, cacheBytes: networkBytes });
  const kind: NetworkSampler["kind"] = (variable) => {
    if (!isTrained(variable) || sampler.method(variable) !== "network") return undefined;
    const guarantee = asked(variable)?.guarantee as { kind?: unknown } | undefined;
    return guarantee?.kind === "best-effort" ? "alone" : "corrected";
  };
  return {
    kind,
    async sample(variable, axes, signal) {
      // A first look needs no masks, which are stored for whole chunks.
      const options = { uncorrected: true, unmasked: kind(variable) === "corrected", signal };
      const [{ values }] = await sampler.sample([variable], { axes }, options);
      const type = dataset.variable(variable).dataType as FloatType;
      return type === "float32" ? Float32Array.from(values) : values;
    },
  };
}
