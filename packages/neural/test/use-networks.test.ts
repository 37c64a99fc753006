import { countOf, extractBox } from "@fieldzip/core";
import { beforeAll, describe, expect, test } from "vitest";
import { evaluateModel, type NetworkRequest, type TrainingResult, train } from "../src/index.js";
import { type ChunkNetwork, createChunkNetwork } from "../src/use/chunk-network.js";
import type { NetworkArray } from "../src/use/network-array.js";
import { sampleNetworkGrid } from "../src/use/network-grid.js";
import { sampleNetworkPoints } from "../src/use/network-points.js";
import { sampleNetworks } from "../src/use/sample-networks.js";
import { waves } from "./helpers.js";

/** Chunks of networks, trained on small waves: the third variable of each is constant. */

const lengths = [6, 5, 8];
const smooth: NetworkRequest = { kind: "fourier", frequencies: 8, width: 16, hidden: 1 };
const grids: NetworkRequest = { kind: "grid", frequencies: 4, width: 16, hidden: 1 };

async function trained(network: NetworkRequest, seed: number): Promise<TrainingResult> {
  const field = waves(lengths);
  const constant = new Float32Array(countOf(lengths)).fill(7);
  const variables = [...field.variables, constant];
  return train({ ...field, variables }, { network, steps: 60, batch: 128, seed });
}

function networkOf({ stored }: TrainingResult, coordinateAxes = [0, 1, 2]): ChunkNetwork {
  const variables = [{ output: 0 }, { output: 1 }, { constant: 7 }];
  const plain = { corrected: false, masked: false };
  return createChunkNetwork({ model: stored, coordinateAxes, variables, ...plain }, "float32");
}

/** An array of chunks; where there is no network, values are index sums. */
function arrayOf(
  shape: readonly number[],
  chunk: readonly number[],
  networks: Readonly<Record<string, ChunkNetwork>>,
): NetworkArray {
  return {
    ...{ shape, chunk },
    network: async (index) => networks[index.join()],
    stored: (member) => ({
      shape,
      async read(box) {
        const whole = Float64Array.from({ length: countOf(shape) }, (_, i) => {
          let rest = i;
          let sum = 100 * member;
          for (const length of shape.toReversed()) {
            sum += rest % length;
            rest = Math.floor(rest / length);
          }
          return sum;
        });
        return extractBox("float64", whole, shape, box) as Float64Array;
      },
    }),
  };
}

const range = (length: number, start = 0, step = 1) =>
  Float64Array.from({ length }, (_, i) => start + i * step);

let one: TrainingResult;
let other: TrainingResult;
let gridded: TrainingResult;
beforeAll(async () => {
  [one, other, gridded] = [
    await trained(smooth, 1),
    await trained(smooth, 2),
    await trained(grids, 1),
  ];
});

describe("one chunk", () => {
  test("stored places: the values of the model, to the bit; points as grids", async () => {
    for (const result of [one, gridded]) {
      const array = arrayOf(lengths, lengths, { "0,0,0": networkOf(result) });
      const axes = lengths.map((length) => range(length));
      const found = await sampleNetworkGrid(array, [0, 1, 2], axes, []);
      const coordinates = {
        axes: lengths.map((n) => Float32Array.from({ length: n }, (_, i) => (2 * i) / (n - 1) - 1)),
      };
      const expected = evaluateModel(result.model, coordinates);
      const points = Float64Array.from({ length: 3 * countOf(lengths) }, (_, i) => {
        const place = Math.floor(i / 3);
        return [Math.floor(place / 40), Math.floor(place / 8) % 5, place % 8][i % 3];
      });
      const listed = await sampleNetworkPoints(array, [0, 1, 2], points, []);
      expected.forEach((values, v) => {
        expect(Float32Array.from(found[v].values)).toEqual(values);
        expect(listed[v].values).toEqual(found[v].values);
      });
    }
  });

  test("derivatives by index position against finite differences", async () => {
    const array = arrayOf(lengths, lengths, { "0,0,0": networkOf(one) });
    const axes = [range(4, 0.3, 1.2), range(3, 0.7, 1.1), range(5, 0.4, 1.3)];
    const exact = await sampleNetworkGrid(array, [0, 1, 2], axes, [2, 0, 1]);
    const step = 0.05;
    for (const [k, axis] of [2, 0, 1].entries()) {
      const moved = (by: number) =>
        axes.with(
          axis,
          axes[axis].map((p) => p + by),
        );
      const above = await sampleNetworkGrid(array, [0, 1, 2], moved(step), []);
      const below = await sampleNetworkGrid(array, [0, 1, 2], moved(-step), []);
      exact.forEach(({ derivatives }, v) => {
        const scale = derivatives[k].reduce((most, d) => Math.max(most, Math.abs(d)), 1e-9);
        derivatives[k].forEach((derivative, i) => {
          const difference = (above[v].values[i] - below[v].values[i]) / (2 * step);
          expect(Math.abs(derivative - difference)).toBeLessThan(5e-3 * scale);
        });
        // Not all of it is flat.
        if (v < 2) expect(scale).toBeGreaterThan(0.05);
      });
    }
    expect(exact[2].values.every((value) => value === 7)).toBe(true);
    expect(exact[2].derivatives[0].every((value) => value === 0)).toBe(true);
  });

  test("some variables, in any order; positions beyond the ends count as the ends", async () => {
    const array = arrayOf(lengths, lengths, { "0,0,0": networkOf(one) });
    const all = await sampleNetworkGrid(array, [0, 1, 2], [range(1), range(1), range(8)], [2]);
    const some = await sampleNetworkGrid(array, [2, 1], [range(1), range(1), range(8)], [2]);
    expect(some).toEqual([all[2], all[1]]);
    const ends = [range(1, -0.4), range(1), Float64Array.of(-0.5, 7.5)];
    const [{ values }] = await sampleNetworkGrid(array, [0], ends, []);
    expect(values).toEqual(Float64Array.of(all[0].values[0], all[0].values[7]));
  });

  test("more places than a piece has", async () => {
    const array = arrayOf(lengths, lengths, { "0,0,0": networkOf(one) });
    const axes = [range(40, 0, 0.1), range(40, 0, 0.1), range(50, 0, 0.14)];
    const [whole] = await sampleNetworkGrid(array, [1], axes, [1]);
    const end = axes.with(0, axes[0].slice(35));
    const [part] = await sampleNetworkGrid(array, [1], end, [1]);
    expect(whole.values.slice(35 * 2000)).toEqual(part.values);
    expect(whole.derivatives[0].slice(35 * 2000)).toEqual(part.derivatives[0]);
  });
});

describe("several chunks", () => {
  test("between two chunks values run straight from one to the other", async () => {
    const array = arrayOf([6, 5, 16], lengths, {
      "0,0,0": networkOf(one),
      "0,0,1": networkOf(other),
    });
    const axes = [range(2, 1.5), range(2, 0.25), Float64Array.of(7, 7.25, 7.5, 8)];
    const [{ values, derivatives }] = await sampleNetworkGrid(array, [0], axes, [2, 0]);
    for (let row = 0; row < 16; row += 4) {
      const [from, near, middle, to] = values.subarray(row, row + 4);
      expect(near).toBeCloseTo(0.75 * from + 0.25 * to, 5);
      expect(middle).toBeCloseTo((from + to) / 2, 5);
      expect(derivatives[0][row + 1]).toBeCloseTo(to - from, 5);
      const [low, , half, high] = derivatives[1].subarray(row, row + 4);
      expect(half).toBeCloseTo((low + high) / 2, 5);
    }
    const points = Float64Array.of(1.5, 0.25, 7.25, 2.5, 1.25, 8);
    const [listed] = await sampleNetworkPoints(array, [0], points, [2, 0]);
    expect(listed.values).toEqual(Float64Array.of(values[1], values[15]));
    expect(listed.derivatives).toEqual(
      derivatives.map((list) => Float64Array.of(list[1], list[15])),
    );
  });

  test("a network a step: linear in time between them", async () => {
    const array = arrayOf([2, ...lengths], [1, ...lengths], {
      "0,0,0,0": networkOf(one, [1, 2, 3]),
      "1,0,0,0": networkOf(other, [1, 2, 3]),
    });
    const axes = [Float64Array.of(0, 0.3, 1), range(2, 0.5), range(2), range(3, 1.5)];
    const [{ values, derivatives }] = await sampleNetworkGrid(array, [1], axes, [0, 3]);
    for (let i = 0; i < 12; i++) {
      const [from, between, to] = [values[i], values[12 + i], values[24 + i]];
      expect(between).toBeCloseTo(0.7 * from + 0.3 * to, 5);
      expect(derivatives[0][12 + i]).toBeCloseTo(to - from, 5);
      const [low, middle, high] = [0, 12, 24].map((at) => derivatives[1][at + i]);
      expect(middle).toBeCloseTo(0.7 * low + 0.3 * high, 5);
    }
    const alone = arrayOf(lengths, lengths, { "0,0,0": networkOf(one) });
    const [step] = await sampleNetworkGrid(alone, [1], axes.slice(1), [2]);
    expect(values.slice(0, 12)).toEqual(step.values);
    expect(derivatives[1].slice(0, 12)).toEqual(step.derivatives[0]);
  });

  test("a chunk of another predictor is interpolated", async () => {
    const array = arrayOf([6, 5, 16], lengths, { "0,0,0": networkOf(one) });
    const axes = [range(2, 1.5), range(2, 0.25), Float64Array.of(7, 7.5, 8, 9.25)];
    const [{ values, derivatives }] = await sampleNetworkGrid(array, [1], axes, [2]);
    expect(values[2]).toBeCloseTo(100 + 1.5 + 0.25 + 8, 10);
    expect(values[3]).toBeCloseTo(100 + 1.5 + 0.25 + 9.25, 10);
    expect(values[1]).toBeCloseTo((values[0] + values[2]) / 2, 10);
    expect(derivatives[0][3]).toBeCloseTo(1, 10);
    const [listed] = await sampleNetworkPoints(array, [1], Float64Array.of(1.5, 0.25, 9.25), [2]);
    expect(listed.values[0]).toBeCloseTo(values[3], 10);
  });

  test("what is corrected counts at stored points; what is masked is none nearby", async () => {
    const base = networkOf(one);
    const model = { ...base.model, corrected: true, masked: true };
    const array = arrayOf(lengths, lengths, { "0,0,0": { ...base, model } });
    const stored: NetworkArray = {
      ...array,
      stored: (member) => ({
        shape: lengths,
        async read(box, signal) {
          const values = await array.stored(member).read(box, signal);
          // What stands at index sum 3 is none.
          return values.map((value) => (value === 3 ? Number.NaN : value));
        },
      }),
    };
    const points = Float64Array.of(1, 1, 2, 1, 1, 1, 1.2, 0.9, 1.1, 1, 1.5, 2);
    const [found] = await sampleNetworkPoints(stored, [0], points, [0]);
    const [plain] = await sampleNetworkPoints(array, [0], points, [0]);
    expect(found.values[0]).toBe(4);
    expect(plain.values[0]).toBe(4);
    expect(found.values[1]).toBeNaN();
    expect(found.values[2]).toBeNaN();
    expect(found.derivatives[0][2]).toBeNaN();
    expect(found.values[3]).toBe(plain.values[3]);
    const axes = [range(1, 1.2), range(1, 0.9), Float64Array.of(0.1, 1.1, 2.1)];
    const [grid] = await sampleNetworkGrid(stored, [0], axes, [0]);
    expect([...grid.values].map(Number.isNaN)).toEqual([false, true, false]);
    expect([...grid.derivatives[0]].map(Number.isNaN)).toEqual([false, true, false]);
  });
});

describe("derivatives of one network", () => {
  test("along two axes commute: the divergence of a curl is about 0", async () => {
    const array = arrayOf(lengths, lengths, { "0,0,0": networkOf(one) });
    const points = Float64Array.of(1.3, 2.2, 3.1, 4.4, 0.8, 5.9, 2.5, 3.5, 1.5);
    const along = async (moved: number, axis: number) => {
      const derivative = async (by: number) => {
        const where = points.map((position, i) => (i % 3 === moved ? position + by : position));
        const [{ derivatives }] = await sampleNetworkPoints(array, [1], where, [axis]);
        return derivatives[0];
      };
      const [above, below] = [await derivative(0.05), await derivative(-0.05)];
      return above.map((value, i) => (value - below[i]) / 0.1);
    };
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      const [first, second] = [await along(a, b), await along(b, a)];
      const size = Math.max(...first.map(Math.abs));
      expect(size).toBeGreaterThan(0.01);
      first.forEach((value, i) => {
        expect(Math.abs(value - second[i])).toBeLessThan(5e-3 * size);
      });
    }
  });
});

describe("derivatives averaged over cells", () => {
  test("are the differences of values, to the ends at most", async () => {
    const array = arrayOf(lengths, lengths, { "0,0,0": networkOf(gridded) });
    const axes = [range(1, 2.3), range(2, 1.25), Float64Array.of(0, 0.5, 3.2, 7)];
    const [{ values, derivatives }] = await sampleNetworks(array, [1], { axes }, [2, 1], 2);
    const at = async (y: number, x: number) => {
      const place = { axes: [axes[0], Float64Array.of(y), Float64Array.of(x)] };
      return (await sampleNetworks(array, [1], place, [], 0))[0].values[0];
    };
    expect(values[6]).toBe(await at(2.25, 3.2));
    expect(derivatives[0][6]).toBeCloseTo(((await at(2.25, 4.2)) - (await at(2.25, 2.2))) / 2, 6);
    expect(derivatives[0][4]).toBeCloseTo((await at(2.25, 1)) - (await at(2.25, 0)), 6);
    expect(derivatives[0][1]).toBeCloseTo(((await at(1.25, 1.5)) - (await at(1.25, 0))) / 1.5, 6);
    expect(derivatives[1][6]).toBeCloseTo(((await at(3.25, 3.2)) - (await at(1.25, 3.2))) / 2, 6);
    const points = Float64Array.of(2.3, 2.25, 3.2, 2.3, 2.25, 7);
    const [listed] = await sampleNetworks(array, [1], { points }, [2, 1], 2);
    expect(listed.derivatives[0]).toEqual(Float64Array.of(derivatives[0][6], derivatives[0][7]));
    expect(listed.derivatives[1]).toEqual(Float64Array.of(derivatives[1][6], derivatives[1][7]));
  });
});
