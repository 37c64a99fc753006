import {
  type Box,
  countOf,
  type Dataset,
  decompressChunk,
  extractBox,
  insertBox,
  isFieldzipError,
} from "@fieldzip/core";
import { describe, expect, test } from "vitest";
import {
  createSampler,
  type DeriveRequest,
  derive,
  encodeNeuralStream,
  gridPlaces,
  resample,
  samplePoints,
  statistics,
  train,
} from "../src/index.js";
import { axes, datasetOf } from "./support/datasets.js";

const read = async (dataset: Dataset, name: string) =>
  (await dataset.variable(name).readBox()) as Float64Array;

function rejected(tag: string, part: RegExp) {
  return expect.objectContaining({ tag, message: expect.stringMatching(part) });
}

describe("resampling", () => {
  const plane = datasetOf({ f: (_, z, y) => 2 * z - 4 * y }, { steps: 3 });

  test("as many cells as before: the very values, NaN payloads included", async () => {
    const odd = datasetOf({ f: () => 0 });
    const bits = new BigUint64Array(960).fill(0x7ff8000000abcdefn);
    const source = { ...odd.variable("f").source };
    source.readBox = async (box) =>
      extractBox("float64", new Float64Array(bits.buffer), [8, 10, 12], box);
    const dataset = new (odd.constructor as typeof Dataset)({ ...odd.source, variables: [source] });
    const sampler = createSampler(dataset);
    const same = await resample(sampler, gridPlaces(dataset, { shape: [8, 10, 12] }));
    const values = await read(same, "f");
    expect(new BigUint64Array(values.buffer)).toEqual(bits);
    const thirds = await resample(sampler, gridPlaces(dataset, { shape: [4] }));
    expect((await read(thirds, "f")).length).toBe(320);
  });

  test("another resolution: cells fill the same space, coordinates and bounds follow", async () => {
    const places = gridPlaces(plane, { shape: [16, 5, 6] });
    const found = await resample(createSampler(plane), places);
    expect(found.variable("f").shape).toEqual([3, 16, 5, 6]);
    expect(found.dimensions.find(({ name }) => name === "z")?.size).toBe(16);
    expect(found.source.original).toBeUndefined();
    const [z, y, x] = await Promise.all(["z", "y", "x"].map((name) => read(found, name)));
    expect(z[0]).toBeCloseTo(-0.125, 12);
    expect(z[15]).toBeCloseTo(3.625, 12);
    expect(y[0]).toBeCloseTo(2.875, 12);
    expect(x[1]).toBeCloseTo((axes.x[2] + axes.x[3]) / 2, 12);
    const bounds = await read(found, "x_bounds");
    expect(bounds.length).toBe(12);
    expect(bounds[0]).toBeCloseTo(-0.15, 12);
    expect(bounds[1]).toBeCloseTo(axes.x[1] + 0.15, 12);
    const values = await read(found, "f");
    // Linear, but where places lie beyond the outermost stored ones.
    const clamped = z.map((at) => Math.min(Math.max(at, 0), 3.5));
    for (let i = 0; i < 480; i++) {
      const expected = 2 * clamped[Math.floor(i / 30)] - 4 * y[Math.floor(i / 6) % 5];
      expect(values[480 + i]).toBeCloseTo(expected, 10);
    }
  });

  test("a third of the cells are stored ones, picked", async () => {
    const found = await resample(createSampler(plane), gridPlaces(plane, { shape: [8, 10, 4] }));
    const whole = await read(plane, "f");
    expect(await read(found, "f")).toEqual(whole.filter((_, i) => i % 3 === 1));
  });

  test("a box, and a time between two steps", async () => {
    const moving = datasetOf({ f: (t, z) => t * t + z }, { steps: 3 });
    const sampler = createSampler(moving);
    const request = {
      box: [
        [2, 6],
        [0, 10],
        [3, 5],
      ] as const,
      time: 1.25,
    };
    const found = await resample(sampler, gridPlaces(moving, request));
    expect(found.variable("f").shape).toEqual([1, 4, 10, 2]);
    expect(await read(found, "step")).toEqual(Float64Array.of(12.5));
    expect(await read(found, "x")).toEqual(axes.x.slice(3, 5));
    const values = await read(found, "f");
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(1 + 0.25 * 3 + axes.z[2 + Math.floor(i / 20)], 12);
    });
  });

  test("what the grid does not have is refused", async () => {
    const wrong: [Parameters<typeof gridPlaces>[1], RegExp][] = [
      [{ shape: [1, 2, 3, 4, 5] }, /at most 4 axes/],
      [{ shape: [0, 4, 4] }, /1 to \d+ cells along z/],
      [{ shape: [4.5] }, /cells along x/],
      [{ box: [[0, 13]] }, /0:12 along x/],
      [{ box: [[3, 3]] }, /3:3/],
      [{ time: 2.01 }, /step from 0 to 2/],
      [{ time: -0.1 }, /step from 0 to 2/],
      [{ time: 1, shape: [2, 8, 10, 12] }, /beside/],
    ];
    for (const [request, message] of wrong) {
      expect(() => gridPlaces(plane, request)).toThrow(message);
    }
    const still = datasetOf({ f: () => 1 });
    expect(() => gridPlaces(still, { time: 0 })).toThrow(/an axis of steps/);
  });

  test("integers take the nearest value; missing ones stay missing", async () => {
    const dataset = datasetOf({ f: (_, z) => (z === 1 ? -999 : z) });
    const source = dataset.variable("f").source;
    const missing = { type: "float64", values: [-999], scalar: true } as const;
    const variables = [{ ...source, attributes: { _FillValue: missing } }];
    const filled = new (dataset.constructor as typeof Dataset)({ ...dataset.source, variables });
    const found = await resample(
      createSampler(filled),
      gridPlaces(filled, { shape: [16, 10, 12] }),
    );
    const values = await read(found, "f");
    const column = Array.from({ length: 16 }, (_, j) => values[j * 120]);
    expect(column.map((value) => value === -999)).toEqual(
      Array.from({ length: 16 }, (_, j) => j >= 3 && j <= 6),
    );
    const steps = datasetOf({ f: () => 1 }, { steps: 3 });
    const source3 = steps.variable("step").source;
    const marks = { ...source3, name: "mark" };
    const marked = new (steps.constructor as typeof Dataset)({
      ...steps.source,
      variables: [...steps.source.variables, marks],
    });
    const later = await resample(createSampler(marked), gridPlaces(marked, { time: 1.6 }));
    expect(await later.variable("mark").readBox()).toEqual(Int32Array.of(20));
  });
});

describe("derivatives of datasets", () => {
  test("in physical units, on uneven and falling axes; by index on request", async () => {
    const dataset = datasetOf({ f: (_, z, y, x) => 3 * z - 2 * y + 5 * x }, { units: "K" });
    const sampler = createSampler(dataset);
    const found = await derive(sampler, { gradient: ["f"] });
    expect(found.variables.map(({ name }) => name)).toEqual([
      "z",
      "y",
      "x",
      "x_bounds",
      "gradient_f_z",
      "gradient_f_y",
      "gradient_f_x",
    ]);
    for (const [axis, slope] of Object.entries({ z: 3, y: -2, x: 5 })) {
      const values = await read(found, `gradient_f_${axis}`);
      for (const value of values) expect(value).toBeCloseTo(slope, 9);
      expect(found.variable(`gradient_f_${axis}`).attributes.units.values).toEqual(["(K)/(m)"]);
    }
    const plain = await derive(sampler, { gradient: ["f"] }, { by: "index" });
    const values = await read(plain, "gradient_f_y");
    for (const value of values) expect(value).toBeCloseTo(0.5, 9);
    expect(plain.variable("gradient_f_y").attributes.units).toBeUndefined();
    // At other places, too.
    const places = gridPlaces(dataset, { shape: [3, 3, 3] });
    const fewer = await derive(sampler, { gradient: ["f"] }, { places });
    for (const value of await read(fewer, "gradient_f_x")) expect(value).toBeCloseTo(5, 9);
  });

  test("divergence and curl: the last axis is the first component's", async () => {
    const dataset = datasetOf({
      a: (_, z, y, x) => x + 2 * y + 3 * z,
      b: (_, z, y, x) => 5 * x + 7 * y + 11 * z,
      c: (_, z, y, x) => 13 * x + 17 * y + 19 * z,
    });
    const vector = ["a", "b", "c"];
    const request: DeriveRequest = { divergence: [vector], curl: [vector] };
    const found = await derive(createSampler(dataset), request);
    const expected = { divergence_a_b_c: 27, curl_a: 17 - 11, curl_b: 3 - 13, curl_c: 5 - 2 };
    for (const [name, value] of Object.entries(expected)) {
      for (const one of await read(found, name)) expect(one).toBeCloseTo(value, 8);
    }
  });

  test("the divergence of a curl is about 0", async () => {
    const dataset = datasetOf({
      a: (_, z, y, x) => Math.sin(z + 2 * y) * x,
      b: (_, z, y, x) => Math.cos(x * z) + y * y,
      c: (_, z, y, x) => Math.sin(x + y + z),
    });
    const curl = await derive(createSampler(dataset), { curl: [["a", "b", "c"]] });
    const name = "divergence_curl_a_curl_b_curl_c";
    const again = await derive(createSampler(curl), {
      divergence: [
        name
          .slice(11)
          .split("_curl_")
          .map((part, k) => (k === 0 ? part : `curl_${part}`)),
      ],
    });
    const values = await read(again, name);
    // Central differences along different axes commute where none is one-sided.
    const inside = Array.from(values).filter((_, i) => {
      const place = [Math.floor(i / 120), Math.floor(i / 12) % 10, i % 12];
      return place.every((at, axis) => at >= 2 && at < [8, 10, 12][axis] - 2);
    });
    expect(inside.length).toBe(4 * 6 * 8);
    const size = (await read(curl, "curl_a")).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    for (const value of inside) expect(Math.abs(value)).toBeLessThan(1e-10 * size);
  });

  test("what cannot be is refused", async () => {
    const dataset = datasetOf({ a: () => 1, b: () => 2, c: () => 3 });
    const sampler = createSampler(dataset);
    const wrong: [DeriveRequest, string, RegExp][] = [
      [{}, "usage", /none found/],
      [{ gradient: ["d"] }, "missing", /variable named d/],
      [{ gradient: ["a", "a"] }, "usage", /gradient_a_z found/],
      [{ divergence: [["a", "b"]] }, "usage", /3 components expected/],
      [{ curl: [["a", "b", "b"]] }, "usage", /different components/],
      [{ curl: [["a"]] }, "usage", /different components/],
      [{ divergence: [["a", "b", "x"]] }, "usage", /float64 along/],
    ];
    for (const [request, tag, message] of wrong) {
      await expect(derive(sampler, request)).rejects.toEqual(rejected(tag, message));
    }
    const renamed = new (dataset.constructor as typeof Dataset)({
      ...dataset.source,
      dimensions: dataset.dimensions.map((d) => (d.name === "y" ? { ...d, name: "theta" } : d)),
      variables: dataset.source.variables.map((source) => ({
        ...source,
        name: source.name === "y" ? "theta" : source.name,
        dimensions: source.dimensions.map((name) => (name === "y" ? "theta" : name)),
      })),
    });
    const polar = derive(createSampler(renamed), { curl: [["a", "b", "c"]] });
    await expect(polar).rejects.toEqual(rejected("unsupported", /theta found/));
  });
});

describe("points and statistics", () => {
  test("points by coordinates, or by index; none outside", async () => {
    const dataset = datasetOf({ f: (_, z, y, x) => z + 10 * y + 100 * x });
    const sampler = createSampler(dataset);
    const points = {
      z: Float64Array.of(0.75, 3.5),
      y: Float64Array.of(2.9, 0.75),
      x: Float64Array.of(0.1, axes.x[11]),
    };
    const [found] = await samplePoints(sampler, { points, variables: ["f"] });
    expect(found.method).toBe("interpolation");
    expect(found.values[0]).toBeCloseTo(0.75 + 29 + 10, 9);
    expect(found.values[1]).toBe((await read(dataset, "f"))[959]);
    const at = { z: Float64Array.of(1), y: Float64Array.of(2), x: Float64Array.of(3) };
    const [index] = await samplePoints(sampler, { points: at, variables: ["f"], by: "index" });
    expect(index.values[0]).toBe((await read(dataset, "f"))[120 + 24 + 3]);
    const far = samplePoints(sampler, {
      points: { ...points, z: Float64Array.of(1, 4) },
      variables: ["f"],
    });
    await expect(far).rejects.toEqual(rejected("usage", /point 2: z within half a cell.* 4 found/));
    const { z, y } = points;
    const fewer = samplePoints(sampler, { points: { z, y }, variables: ["f"] });
    await expect(fewer).rejects.toEqual(rejected("missing", /column x/));
    const odd = samplePoints(sampler, { points: { ...points, w: z }, variables: ["f"] });
    await expect(odd).rejects.toEqual(rejected("usage", /w found/));
  });

  test("statistics block by block are those of the whole", async () => {
    const shape = [6, 1000, 1000];
    const whole = new Float64Array(6e6);
    for (let i = 0; i < whole.length; i++) whole[i] = 1e6 + ((i * 7919) % 1000);
    const boxes: number[] = [];
    const dataset = datasetOf({ f: () => 0 });
    const large = {
      ...dataset.variable("f").source,
      ...{ shape, storedChunk: undefined },
      async readBox(box: Box) {
        boxes.push(countOf(box.shape));
        return extractBox("float64", whole, shape, box);
      },
    };
    const one = new (dataset.constructor as typeof Dataset)({
      ...dataset.source,
      variables: [large],
    });
    const [found] = await statistics(one, { variables: ["f"] });
    expect(boxes.length).toBeGreaterThan(1);
    expect(found).toMatchObject({ count: 6e6, missing: 0, min: 1e6, max: 1e6 + 999 });
    expect(found.mean).toBeCloseTo(1e6 + 499.5, 6);
    expect(found.standardDeviation).toBeCloseTo(Math.sqrt((1000 ** 2 - 1) / 12), 6);
  });

  test("histograms; what is missing does not count", async () => {
    const dataset = datasetOf({ f: (_, z) => (z === 0 ? Number.NaN : z), g: () => 4 });
    const [f, g] = await statistics(dataset, { variables: ["f", "g"], bins: 3 });
    expect(f).toEqual({
      ...{ name: "f", count: 840, missing: 120, min: 0.5, max: 3.5, mean: 2 },
      standardDeviation: 1,
      histogram: [240, 240, 360],
    });
    expect(g).toMatchObject({ min: 4, max: 4, standardDeviation: 0, histogram: [960, 0, 0] });
  });
});

describe("an archive of networks", () => {
  /** Two variables in one array of two chunks along z, as `archiveIndex` would show it. */
  async function archive(
    guarantee: "best-effort" | "exact",
    spoil: (values: Float32Array) => void,
  ) {
    const original = datasetOf(
      {
        f: (_, z, y, x) => Math.sin(z + x) + y,
        g: (_, z, y, x) => Math.cos(y * x) - z,
      },
      { type: "float32" },
    );
    const array = {
      ...{
        path: "joint",
        dataType: "float32" as const,
        shape: [2, 8, 10, 12],
        chunk: [2, 4, 10, 12],
      },
      codec: { name: "fieldzip", configuration: { predictor: "neural" } },
      joint: { axis: 0, members: [{ name: "f" }, { name: "g" }] },
    };
    const streams: Uint8Array[] = [];
    const decoded = { f: new Float32Array(960), g: new Float32Array(960) };
    for (const k of [0, 1]) {
      const box = { start: [4 * k, 0, 0], shape: [4, 10, 12] };
      const values = new Float32Array(960);
      for (const [v, name] of ["f", "g"].entries()) {
        values.set((await original.variable(name).readBox(box)) as Float32Array, 480 * v);
      }
      const { stored } = await train(
        { lengths: [4, 10, 12], variables: [values.slice(0, 480), values.slice(480)] },
        {
          network: { kind: "fourier", frequencies: 8, width: 16, hidden: 1 },
          steps: 150,
          batch: 128,
        },
      );
      spoil(values);
      const chunk = { values, shape: [2, 4, 10, 12], variableAxis: 0, model: stored };
      const { bytes } = encodeNeuralStream({ ...chunk, guarantee: { kind: guarantee } });
      streams.push(bytes);
      const back = await decompressChunk(bytes, {
        dataType: "float32",
        shape: chunk.shape,
        where: "",
      });
      insertBox(decoded.f, [8, 10, 12], box, back.slice(0, 480));
      insertBox(decoded.g, [8, 10, 12], box, back.slice(480));
    }
    const dataset = new (original.constructor as typeof Dataset)({
      ...original.source,
      variables: original.source.variables.map((source) =>
        source.name === "f" || source.name === "g"
          ? {
              ...source,
              readBox: async (box) =>
                extractBox("float32", decoded[source.name as "f"], [8, 10, 12], box),
            }
          : source,
      ),
    });
    let reads = 0;
    const chunks = {
      arrayOf: (name: string) => (name === "f" || name === "g" ? array : undefined),
      chunkAt: (_: typeof array, [, k]: readonly number[]) => ({
        where: `chunk ${k}`,
        box: { start: [0, 4 * k, 0, 0], shape: [2, 4, 10, 12] },
        async bytes() {
          reads++;
          return streams[k];
        },
      }),
    };
    return { dataset, decoded, chunks, reads: () => reads };
  }

  const everyPoint = Float64Array.from({ length: 2880 }, (_, i) => {
    const place = Math.floor(i / 3);
    return [Math.floor(place / 120), Math.floor(place / 12) % 10, place % 12][i % 3];
  });

  test("points at stored places are the decoded values to the bit, networks are read once", async () => {
    const { dataset, decoded, chunks, reads } = await archive("best-effort", () => {});
    const sampler = createSampler(dataset, chunks);
    expect(sampler.method("f")).toBe("network");
    expect(sampler.method("x")).toBe("interpolation");
    const [f, g] = await sampler.sample(["f", "g"], { points: everyPoint });
    expect(Float32Array.from(f.values)).toEqual(decoded.f);
    expect(Float32Array.from(g.values)).toEqual(decoded.g);
    expect(reads()).toBe(2);
    const small = createSampler(dataset, chunks, { cacheBytes: 1 });
    await small.sample(["f"], { points: everyPoint });
    await small.sample(["g"], { points: everyPoint });
    expect(reads()).toBe(6);
  });

  test("gradients from the networks: chain rule over uneven coordinates", async () => {
    const { dataset, chunks } = await archive("best-effort", () => {});
    const sampler = createSampler(dataset, chunks);
    const found = await derive(sampler, { gradient: ["f", "g"] });
    const axes3 = [8, 10, 12].map((n) => Float64Array.from({ length: n }, (_, i) => i));
    const [f] = await sampler.sample(["f"], { axes: axes3 }, { derivatives: [2] });
    const values = (await found.variable("gradient_f_x").readBox()) as Float32Array;
    values.forEach((value, i) => {
      const x = i % 12;
      const [below, above] = [Math.max(x - 1, 0), Math.min(x + 1, 11)];
      const spacing = (axes.x[above] - axes.x[below]) / (above - below);
      expect(value).toBeCloseTo(f.derivatives[0][i] / spacing, 4);
    });
    // It is the derivative of what was trained on, about.
    const inside = values.filter((_, i) => i % 12 > 1 && i % 12 < 10);
    const rms = Math.sqrt(inside.reduce((sum, value) => sum + value * value, 0) / inside.length);
    expect(rms).toBeGreaterThan(0.4);
    expect(rms).toBeLessThan(1);
  });

  test("another resolution is the networks'; stored places of exact archives are exact", async () => {
    const spoil = (values: Float32Array) => {
      values[7] += 3;
      // As many of a kind as are stored as a mask.
      values.set([Number.NaN, Number.NaN, Number.NaN], 130);
    };
    const { dataset, decoded, chunks } = await archive("exact", spoil);
    const sampler = createSampler(dataset, chunks);
    const [f] = await sampler.sample(["f"], { points: everyPoint });
    expect(Float32Array.from(f.values)).toEqual(decoded.f);
    expect(f.values[130]).toBeNaN();
    const same = await resample(sampler, gridPlaces(dataset, { shape: [8, 10, 12] }));
    expect(await same.variable("f").readBox()).toEqual(decoded.f);
    const finer = await resample(sampler, gridPlaces(dataset, { shape: [8, 10, 24] }));
    const values = (await finer.variable("f").readBox()) as Float32Array;
    // Place 7 was spoiled in the values, not in the network.
    expect(Math.abs(values[14] - decoded.f[7])).toBeGreaterThan(1.5);
    // 130 is z 1, y 0, x 10.
    expect(values[240 + 24]).toBeNaN();
    expect(values[240 + 27]).not.toBeNaN();
    const around = [...values.slice(240 + 18, 240 + 24)].map(Number.isNaN);
    expect(around).toEqual([false, false, true, true, true, true]);
  });

  test("every so-manyth stored place: no more is computed; corrected only where asked", async () => {
    const axes = [8, 10, 12].map((n) => Float64Array.from({ length: n >> 1 }, (_, i) => 2 * i));
    const thinned = (values: Float32Array) =>
      values.filter((_, i) =>
        [Math.floor(i / 120), Math.floor(i / 12), i % 12].every((k) => k % 2 === 0),
      );
    const best = await archive("best-effort", () => {});
    const whole = best.dataset.variable("f");
    const unread = new (best.dataset.constructor as typeof Dataset)({
      ...best.dataset.source,
      variables: [{ ...whole.source, readBox: () => Promise.reject(new Error("all was read")) }],
    });
    const [f] = await createSampler(unread, best.chunks).sample(["f"], { axes });
    expect(Float32Array.from(f.values)).toEqual(thinned(best.decoded.f));

    const exact = await archive("exact", (values) => {
      values[4] += 3;
    });
    const sampler = createSampler(exact.dataset, exact.chunks);
    const [corrected] = await sampler.sample(["f"], { axes });
    expect(Float32Array.from(corrected.values)).toEqual(thinned(exact.decoded.f));
    const [preview] = await sampler.sample(["f"], { axes }, { uncorrected: true });
    expect(Math.abs(preview.values[2] - corrected.values[2])).toBeGreaterThan(1.5);
    preview.values.forEach((value, i) => {
      // One place in each of the two chunks was spoiled.
      if (i % 60 !== 2) expect(Math.abs(value - corrected.values[i])).toBeLessThan(1.5);
    });
  });

  test("a damaged network is a typed error", async () => {
    const { dataset, chunks } = await archive("best-effort", () => {});
    const broken: typeof chunks = {
      ...chunks,
      chunkAt: (array, index) => {
        const chunk = chunks.chunkAt(array, index);
        return { ...chunk, bytes: async () => (await chunk.bytes()).with(90, 255) };
      },
    };
    const sampler = createSampler(dataset, broken);
    const error = await sampler.sample(["f"], { points: everyPoint }).catch((e) => e);
    expect(isFieldzipError(error)).toBe(true);
    const elsewhere: typeof chunks = {
      ...chunks,
      chunkAt: (array, index) => ({
        ...chunks.chunkAt(array, index),
        box: { start: [0, 0, 0, 0], shape: [2, 4, 10, 11] },
      }),
    };
    const moved = createSampler(dataset, elsewhere).sample(["f"], { points: everyPoint });
    await expect(moved).rejects.toEqual(rejected("shape", /belongs elsewhere/));
  });
});
