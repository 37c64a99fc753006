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
  /**
   * The same, with the network's analytic derivatives along coordinates (`axes`, 0 is the slowest): a list
   * like `values` for each. Grids are multilinear: at a node the derivative is that of the cell further
   * along, beyond -1 and 1 their share is 0.
   */
  evaluateDerivatives(
    coordinates: Coordinates,
    axes: readonly number[],
    first?: number,
    count?: number,
  ): Derivatives;
}

export interface Derivatives {
  readonly values: Float32Array<ArrayBuffer>;
  readonly derivatives: readonly Float32Array<ArrayBuffer>[];
}

/** Points a call of the kernel: what bounds its memory. */
const CHUNK = 16384;

let module: WebAssembly.Module | undefined;

export function createEvaluator(shape: NetworkShape): Evaluator {
  module ??= compileEmbedded(trainModule);
  const layout = layoutOf(shape);
  const { dimensions, outputs } = shape;
  /** What the memory has room for. */
  let room = { table: -1, lists: 0 };
  let memory: WebAssembly.Memory;
  let kernel: { evaluateDerivatives(...args: number[]): void };
  let at: { plan: number; source: number; output: number; scratch: number; table: number };
  const parameters = new Float32Array(layout.floats);

  function reserve(tableRoom: number, lists: number): void {
    if (tableRoom <= room.table && lists <= room.lists) return;
    const [plan, source, weights, scratch, output, table, end] = addressesOf([
      planBytes(layout),
      SOURCE_BYTES,
      4 * layout.floats,
      scratchOf(layout).bytes,
      4 * outputs * CHUNK * lists,
      tableRoom,
    ]);
    memory = sharedMemory(end);
    kernel = new WebAssembly.Instance(module!, { env: { memory } })
      .exports as unknown as typeof kernel;
    writePlan(new DataView(memory.buffer), plan, layout, weights, 0);
    new Float32Array(memory.buffer, weights, layout.floats).set(parameters);
    at = { plan, source, output, scratch, table };
    room = { table: tableRoom, lists };
  }

  /** Lists of outputs: values, then derivatives along every axis whose bit is set. */
  function run(
    coordinates: Coordinates,
    axes: number,
    lists: number,
    first = 0,
    count?: number,
  ): Float32Array<ArrayBuffer>[] {
    checkCoordinates(coordinates, dimensions);
    const total = countOfCoordinates(coordinates, dimensions);
    const wanted = count ?? total - first;
    if (first < 0 || wanted < 0 || first + wanted > total) {
      throw new RangeError(`points ${first} to ${first + wanted} of ${total}`);
    }
    const results = Array.from({ length: lists }, () => new Float32Array(wanted * outputs));
    reserve("axes" in coordinates ? tableBytes(coordinates) : 4 * dimensions * CHUNK, lists);
    if ("axes" in coordinates) writeSource(memory.buffer, at.source, coordinates, at.table);
    for (let done = 0; done < wanted; done += CHUNK) {
      const points = Math.min(CHUNK, wanted - done);
      let start = first + done;
      if ("points" in coordinates) {
        const from = start * dimensions;
        const some = coordinates.points.subarray(from, from + points * dimensions);
        writeSource(memory.buffer, at.source, { points: some }, at.table);
        start = 0;
      }
      kernel.evaluateDerivatives(
        ...[at.plan, at.scratch, at.source, start, points, at.output, axes],
      );
      results.forEach((result, list) => {
        const from = at.output + 4 * outputs * points * list;
        result.set(new Float32Array(memory.buffer, from, points * outputs), done * outputs);
      });
    }
    return results;
  }

  return {
    setParameters(list) {
      spread(layout, list, parameters);
      room = { table: -1, lists: 0 };
    },
    evaluate(coordinates, first, count) {
      return run(coordinates, 0, 1, first, count)[0];
    },
    evaluateDerivatives(coordinates, axes, first, count) {
      const chosen = axes.toSorted((a, b) => a - b);
      for (const [k, axis] of chosen.entries()) {
        if (!Number.isInteger(axis) || axis < 0 || axis >= dimensions || axis === chosen[k - 1]) {
          throw new RangeError(`axes: each of 0 to ${dimensions - 1} once expected, ${axes} found`);
        }
      }
      const bits = axes.reduce((sum, axis) => sum | (1 << axis), 0);
      const [values, ...lists] = run(coordinates, bits, 1 + axes.length, first, count);
      return { values, derivatives: axes.map((axis) => lists[chosen.indexOf(axis)]) };
    },
  };
}
