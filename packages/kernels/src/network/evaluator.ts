/** Binding of the evaluation kernel: strict arithmetic in a written order, so the same bits everywhere. */
import { compileEmbedded } from "../instance.js";
import { layoutOf, spread } from "./layout.js";
import {
  addressesOf,
  type Coordinates,
  checkCoordinates,
  countOfCoordinates,
  planBytes,
  scratchOf,
  sharedMemory,
  tableBytes,
  writePlan,
  writeSource,
} from "./memory.js";
import { trainModule } from "./modules.generated.js";
import { SOURCE_BYTES } from "./offsets.js";
import type { NetworkShape } from "./shape.js";

export interface Evaluator {
  setParameters(list: Float32Array): void;
  /**
   * Outputs of points `first` to `first + count` (default: all) in the order of the coordinates, one
   * point after another.
   */
  evaluate(coordinates: Coordinates, first?: number, count?: number): Float32Array<ArrayBuffer>;
}

/** Points a call of the kernel: what bounds its memory. */
const CHUNK = 16384;

let module: WebAssembly.Module | undefined;

export function createEvaluator(shape: NetworkShape): Evaluator {
  module ??= compileEmbedded(trainModule);
  const layout = layoutOf(shape);
  let capacity = -1;
  let memory: WebAssembly.Memory;
  let kernel: { evaluate(...args: number[]): void };
  let at: { plan: number; source: number; output: number; scratch: number; table: number };
  const parameters = new Float32Array(layout.floats);

  function reserve(bytes: number): void {
    if (bytes <= capacity) return;
    const [plan, source, weights, scratch, output, table, end] = addressesOf([
      planBytes(layout),
      SOURCE_BYTES,
      4 * layout.floats,
      scratchOf(layout).bytes,
      4 * shape.outputs * CHUNK,
      bytes,
    ]);
    memory = sharedMemory(end);
    kernel = new WebAssembly.Instance(module!, { env: { memory } })
      .exports as unknown as typeof kernel;
    writePlan(new DataView(memory.buffer), plan, layout, weights, 0);
    new Float32Array(memory.buffer, weights, layout.floats).set(parameters);
    at = { plan, source, output, scratch, table };
    capacity = bytes;
  }

  return {
    setParameters(list) {
      spread(layout, list, parameters);
      capacity = -1;
    },
    evaluate(coordinates, first = 0, count) {
      checkCoordinates(coordinates, shape.dimensions);
      const total = countOfCoordinates(coordinates, shape.dimensions);
      const wanted = count ?? total - first;
      if (first < 0 || wanted < 0 || first + wanted > total) {
        throw new RangeError(`points ${first} to ${first + wanted} of ${total}`);
      }
      const result = new Float32Array(wanted * shape.outputs);
      reserve("axes" in coordinates ? tableBytes(coordinates) : 4 * shape.dimensions * CHUNK);
      if ("axes" in coordinates) writeSource(memory.buffer, at.source, coordinates, at.table);
      for (let done = 0; done < wanted; done += CHUNK) {
        const points = Math.min(CHUNK, wanted - done);
        let start = first + done;
        if ("points" in coordinates) {
          const { dimensions } = shape;
          const some = coordinates.points.subarray(
            start * dimensions,
            (start + points) * dimensions,
          );
          writeSource(memory.buffer, at.source, { points: some }, at.table);
          start = 0;
        }
        kernel.evaluate(at.plan, at.scratch, at.source, start, points, at.output);
        const from = new Float32Array(memory.buffer, at.output, points * shape.outputs);
        result.set(from, done * shape.outputs);
      }
      return result;
    },
  };
}
