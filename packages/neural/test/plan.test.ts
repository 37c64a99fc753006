import { Dataset, extractBox, type Guarantee, type VariableSource } from "@fieldzip/core";
import { beforeAll, describe, expect, test } from "vitest";
import { networkOfSize, parametersOfRequest } from "../src/goal/network-size.js";
import {
  countParameters,
  type ExploredRun,
  exploreNetworks,
  fourierDefaults,
  fourierShape,
  gridDefaults,
  gridShape,
  planNetworks,
  registerNeuralPredictor,
} from "../src/index.js";
import { formulaOf } from "../src/plan/network-plan.js";
import { recommend } from "../src/plan/recommend.js";
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
        readBox: async (box) => extractBox("float32", values as Float32Array, lengths, box),
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

test.each([0, 3])("grids with %d frequencies have a formula of their own", (frequencies) => {
  const network = { ...gridDefaults, frequencies, width: 12, hidden: 3 };
  const shape = gridShape(network, [9, 20, 33], 5);
  const [, numbers, count] = formulaOf(network, shape).split(" = ");
  expect(Number(count)).toBe(countParameters(shape));
  const sum = numbers.replace(/(\d) \(/g, "$1*(").replaceAll("x", "*");
  expect(Function(`return ${sum}`)()).toBe(Number(count));
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

  test("meets what is wanted exactly, from below", () => {
    for (const wanted of [16000, 35000, 140000]) {
      for (const mapping of ["learned", "off"] as const) {
        const network = networkOfSize(
          { kind: "fourier", mapping },
          ...([wanted, [24, 32, 48], 6, true] as const),
        );
        const share = parametersOfRequest(network, [24, 32, 48], 6) / wanted;
        expect(share).toBeLessThanOrEqual(1);
        expect(share).toBeGreaterThan(mapping === "off" ? 0.95 : 0.985);
      }
    }
  });

  test("keeps what was asked for", () => {
    const asked = { kind: "grid", activation: "relu", frequencies: 3 } as const;
    expect(networkOfSize(asked, 5000, [20, 20, 20], 4)).toMatchObject(asked);
  });
});

describe("planNetworks", () => {
  test("one network for all variables of a grid", async () => {
    const { arrays, exact } = await planNetworks(datasetOf([32, 40], 5), {});
    expect(exact).toEqual([]);
    expect(arrays).toHaveLength(1);
    const [plan] = arrays;
    expect(plan).toMatchObject({
      ...{ variables: ["v0", "v1", "v2", "v3", "v4"], chunk: [5, 32, 40], chunks: 1 },
      ...{ originalBytes: 4 * 5 * 1280, samples: 1280, batch: 1280, steps: 1500 },
    });
    const sum = plan.arrays.reduce((total, { count }) => total + count, 0);
    expect(plan.parameters).toBe(sum);
    expect(plan.bytes).toMatchObject({ float32: 4 * sum, float16: 2 * sum, "8bit": sum });
    expect(plan.secondsPerStep).toBeGreaterThan(0);
    expect(plan.secondsPerEvaluation).toBeGreaterThan(0);
    expect(plan.memoryBytes).toBeGreaterThan(4 * sum);
    expect(plan.seconds.training).toBeCloseTo(1500 * plan.secondsPerStep, 9);
    expect(plan.seconds.beside).toBeGreaterThan(plan.secondsPerEvaluation);
  });

  test("a ratio makes the network, epochs the steps", async () => {
    const dataset = datasetOf([40, 60], 4);
    const goal = { kind: "best-effort", goal: { ratio: 8 } } as const;
    const settings = { epochs: 12, batch: 100 };
    const { arrays } = await planNetworks(dataset, { guarantee: goal, settings });
    // Metadata take more than half of what the ratio leaves.
    expect(arrays[0].ratio).toBeGreaterThan(15);
    expect(arrays[0].ratio).toBeLessThan(27);
    expect(arrays[0].steps).toBe(12 * 24);
  });

  test("chunks have a network each, and their time", async () => {
    const { arrays } = await planNetworks(datasetOf([64, 40], 2), { chunkValues: 1280 });
    expect(arrays[0]).toMatchObject({ chunk: [2, 32, 20], chunks: 4, originalBytes: 4 * 5120 });
    const { chunks, bytes, ratio, steps, secondsPerStep, seconds } = arrays[0];
    expect(ratio).toBeCloseTo((4 * 5120) / (chunks * bytes.coded), 9);
    expect(seconds.training).toBeCloseTo(chunks * steps * secondsPerStep, 9);
  });
});

const trials = [
  ...["length", "length", "length", "length", "size", "size"],
  ...["random:0.5", "random:0.1", "stride:2", "active:gradient:0.05:1"],
];

test("exploring measures length, size and samples, and recommends", async () => {
  const shares: number[] = [];
  const { runs, recommended } = await exploreNetworks(
    datasetOf([32, 40], 3),
    { settings: { network: { kind: "grid", frequencies: 4 } } },
    { seconds: 4, onProgress: (_, share) => shares.push(share) },
  );
  // A machine that is busy elsewhere has no time for the last ones.
  expect(runs.length).toBeGreaterThanOrEqual(4);
  expect(runs.map(({ about, sampling }) => (about === "sampling" ? sampling : about))).toEqual(
    trials.slice(0, runs.length),
  );
  const steps = runs.slice(0, 4).map((run) => run.steps);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  const [smaller, larger] = runs.filter(({ about }) => about === "size");
  if (larger) expect(larger.parameters).toBeGreaterThan(2 * smaller.parameters);
  for (const { psnr, bytes, seconds } of runs) {
    expect(psnr).toBeGreaterThan(5);
    expect(bytes).toBeGreaterThan(100);
    expect(seconds).toBeGreaterThan(0);
  }
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares.at(-1)).toBeLessThanOrEqual(1);
  expect(recommended.flags[0]).toBe("--epochs");
  // Without a goal the archive is exact: what counts is its size.
  expect(recommended.reasons.join("\n")).toMatch(/twice the work brought [+-]\d+\.\d % ratio/);
});

test("exploring at a ratio comes near to it, and tries no other sizes", async () => {
  const guarantee = { kind: "best-effort", goal: { ratio: 8 } } as const;
  const { runs } = await exploreNetworks(
    datasetOf([40, 60], 4),
    { guarantee, settings: { sampling: "random:0.5" } },
    { seconds: 2 },
  );
  expect(runs.map(({ about }) => about)).toEqual(["length", "length", "length", "length"]);
  expect(runs.every(({ sampling }) => sampling === "random:0.5")).toBe(true);
  expect(runs[3].ratio).toBeGreaterThan(7);
  expect(runs[3].ratio).toBeLessThan(9);
});

describe("recommend", () => {
  const lossy = { kind: "best-effort", goal: {} } as const;
  const base = {
    ...{ about: "length", network: { kind: "grid" }, parameters: 1000, sampling: "all" },
    ...{ samples: 800, steps: 100, epochs: 10, seconds: 10, bytes: 1000, ratio: 50, psnr: 40 },
  } as const;
  const run = (change: Partial<ExploredRun>): ExploredRun => ({ ...base, ...change });
  const lengths = (psnrs: readonly number[], ratios = psnrs.map(() => 50)) =>
    psnrs.map((psnr, k) =>
      run({ psnr, ratio: ratios[k], epochs: 2 ** k, steps: 10 * 2 ** k, seconds: 2 ** k }),
    );

  test("the length after which twice the work brings little", () => {
    const { flags, expected } = recommend(lengths([30, 38, 38.3, 38.4]), {
      ...{ guarantee: lossy, times: 3 },
    });
    expect(flags).toEqual(["--epochs", "2"]);
    expect(expected).toEqual({ psnr: 38, ratio: 50, seconds: 6, extrapolated: false });
  });

  test("longer than was tried where that goes on to pay", () => {
    const { flags, expected, reasons } = recommend(lengths([20, 26, 30, 32]), {
      ...{ guarantee: lossy, times: 1 },
    });
    // +2 dB after +4 dB: then +1 dB and +0.5 dB.
    expect(flags).toEqual(["--epochs", "32"]);
    expect(expected).toEqual({ psnr: 33.5, ratio: 50, seconds: 32, extrapolated: true });
    expect(reasons[0]).toBe("twice the work brought +2.00 dB, the doubling before it +4.00 dB");
  });

  test("a smaller network that is as good, where no goal is set", () => {
    const sizes = [
      run({ about: "size", parameters: 500, psnr: 29.7, ratio: 98.4 }),
      run({ about: "size", parameters: 2000, psnr: 30.1, ratio: 26 }),
    ];
    const runs = [...lengths([20, 26, 30, 30.1]), ...sizes];
    const flagsFor = (guarantee: Guarantee) => recommend(runs, { guarantee, times: 1 }).flags;
    expect(flagsFor(lossy)).toEqual(["--epochs", "4", "--ratio", "98.4"]);
    expect(flagsFor({ kind: "best-effort", goal: { psnr: 30 } })).toEqual(["--epochs", "4"]);
  });

  test("the smallest archive, where what a network misses is coded", () => {
    const levels = [{ spacing: 6, features: 8 }];
    const larger = run({
      ...{ about: "size", parameters: 2000, ratio: 55 },
      network: { kind: "grid", width: 32, levels },
    });
    const runs = [...lengths([20, 26, 30, 30.1], [40, 48, 50, 50.1]), larger];
    const { flags, expected } = recommend(runs, { guarantee: { kind: "exact" }, times: 1 });
    expect(flags).toEqual(["--epochs", "4", "--width", "32", "--levels", "6:8"]);
    expect(expected.ratio).toBe(50);
  });

  test("a sample only where it is better in as many steps, and as many steps of it", () => {
    const sample = (psnr: number) =>
      run({ about: "sampling", sampling: "random:0.1", samples: 80, psnr });
    const flagsFor = (psnr: number) =>
      recommend([...lengths([20, 26, 30, 30.1]), sample(psnr)], { guarantee: lossy, times: 1 })
        .flags;
    expect(flagsFor(30.2)).toEqual(["--epochs", "4"]);
    expect(flagsFor(31)).toEqual(["--epochs", "40", "--sampling", "random:0.1"]);
  });
});
