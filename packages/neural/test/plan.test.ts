import { Dataset, type VariableSource } from "@fieldzip/core";
import { beforeAll, describe, expect, test } from "vitest";
import { networkOfSize, parametersOfRequest } from "../src/goal/network-size.js";
import {
  countParameters,
  exploreNetworks,
  fourierDefaults,
  fourierShape,
  planNetworks,
  registerNeuralPredictor,
} from "../src/index.js";
import { formulaOf } from "../src/plan/network-plan.js";
import { waves } from "./helpers.js";

/** Sizes of networks before they are trained. */

beforeAll(registerNeuralPredictor);

function datasetOf(lengths: readonly number[], variables: number): Dataset {
  const field = waves(lengths, variables);
  const dimensions = ["z", "y", "x"].slice(-lengths.length);
  return new Dataset({
    ...{ format: "raw", location: "memory", groups: [], close: async () => {} },
    dimensions: dimensions.map((name, axis) => ({ name, size: lengths[axis] })),
    variables: field.variables.map(
      (values, v): VariableSource => ({
        ...{ name: `v${v}`, dataType: "float32", shape: lengths, dimensions, attributes: {} },
        // Whole boxes are all that is asked for here.
        readBox: async () => values as Float32Array,
      }),
    ),
  });
}

describe("the published formula", () => {
  const cases = [1, 2, 3, 4].flatMap((dimensions) =>
    [1, 12].flatMap((outputs) =>
      [
        [1, 1, 0],
        [128, 192, 3],
        [7, 5, 1],
        [64, 33, 6],
      ].map(([k, n, m]) => ({ dimensions, outputs, k, n, m })),
    ),
  );
  test.each(cases)("gives the real count: %o", ({ dimensions, outputs, k, n, m }) => {
    for (const mapping of ["learned", "fixed", "off"] as const) {
      const network = { ...fourierDefaults, frequencies: k, width: n, hidden: m, mapping };
      const shape = fourierShape(network, dimensions, outputs);
      const real = countParameters(shape);
      const mapped = mapping === "off" ? 0 : k * (dimensions + 1);
      const inputs = mapping === "off" ? dimensions : 2 * k;
      expect(outputs + mapped + n * (inputs + m * (n + 1) + outputs)).toBe(real);
      const formula = formulaOf(network, shape);
      expect(formula).toMatch(new RegExp(`= ${real}$`));
      // What stands between the signs is what the formula says.
      const sum = formula.split(" = ")[1].replace(/(\d) \(/g, "$1*(");
      expect(Function(`return ${sum}`)()).toBe(real);
    }
  });
});

describe("networkOfSize", () => {
  test.each([[[64]], [[40, 50]], [[24, 32, 48]], [[5, 20, 24, 28]], [[1, 16, 16]]])(
    "comes near to what is wanted, %j",
    (lengths) => {
      const values = lengths.reduce((product, length) => product * length, 1);
      for (const kind of ["grid", "fourier"] as const) {
        let before = 0;
        for (const wanted of [1000, 4000, 16000, 64000]) {
          const network = networkOfSize({ kind }, wanted, lengths, 6);
          const count = parametersOfRequest(network, lengths, 6);
          expect(count).toBeGreaterThanOrEqual(before);
          expect(count / wanted).toBeLessThan(1.15);
          // An axis cannot have more nodes than values: a small field has room for no more.
          const room = kind === "grid" ? 8 * values : Number.POSITIVE_INFINITY;
          expect(count).toBeGreaterThan(Math.min(wanted, room) / 1.6);
          before = count;
        }
      }
    },
  );

  test("keeps what was asked for", () => {
    const asked = { kind: "grid", activation: "relu", frequencies: 3 } as const;
    expect(networkOfSize(asked, 5000, [20, 20, 20], 4)).toMatchObject(asked);
  });
});

describe("planNetworks", () => {
  test("one network for all variables of a grid", async () => {
    const [plan, ...others] = await planNetworks(datasetOf([32, 40], 5), {});
    expect(others).toEqual([]);
    expect(plan).toMatchObject({
      ...{ variables: ["v0", "v1", "v2", "v3", "v4"], chunk: [5, 32, 40], chunks: 1 },
      ...{ originalBytes: 4 * 5 * 1280, samples: 1280, batch: 1280, steps: 1500 },
    });
    const sum = plan.arrays.reduce((total, { count }) => total + count, 0);
    expect(plan.parameters).toBe(sum);
    expect(plan.bytes).toMatchObject({ float32: 4 * sum, float16: 2 * sum, "8bit": sum });
    expect(plan.secondsPerStep).toBeGreaterThan(0);
    expect(plan.seconds).toBeCloseTo(1500 * plan.secondsPerStep, 9);
  });

  test("a ratio makes the network, epochs the steps", async () => {
    const dataset = datasetOf([40, 60], 4);
    const goal = { kind: "best-effort", goal: { ratio: 20 } } as const;
    const settings = { epochs: 12, batch: 100 };
    const [plan] = await planNetworks(dataset, { guarantee: goal, settings });
    expect(plan.ratio).toBeGreaterThan(15);
    expect(plan.ratio).toBeLessThan(27);
    expect(plan.steps).toBe(12 * 24);
  });
});

test("exploring measures length, size and samples, and recommends", async () => {
  const { runs, recommended } = await exploreNetworks(
    datasetOf([32, 40], 3),
    { settings: { network: { kind: "grid", frequencies: 4 } } },
    { seconds: 4 },
  );
  const about = (kind: string) => runs.filter((run) => run.about === kind);
  expect(about("length").map(({ steps }) => steps)).toEqual(
    about("length")
      .map(({ steps }) => steps)
      .toSorted((a, b) => a - b),
  );
  const [smaller, larger] = about("size");
  expect(larger.parameters).toBeGreaterThan(2 * smaller.parameters);
  expect(larger.ratio).toBeLessThan(smaller.ratio);
  expect(about("sampling").map(({ sampling }) => sampling)).toEqual([
    ...["stride:2", "random:0.3", "random:0.1"],
  ]);
  for (const { psnr, bytes, seconds } of runs) {
    expect(psnr).toBeGreaterThan(5);
    expect(bytes).toBeGreaterThan(100);
    expect(seconds).toBeGreaterThan(0);
  }
  expect(recommended.reasons.join("\n")).toMatch(/twice the work brought [+-]\d+\.\d\d dB/);
});
