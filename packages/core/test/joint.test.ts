import { createDecoder, createEncoder } from "@fieldzip/kernels";
import { describe, expect, test } from "vitest";
import { countOf, extractBox } from "../src/array/box.js";
import { bytesOf, type FloatArray, type FloatType } from "../src/array/data-type.js";
import { Dataset, type VariableSource } from "../src/array/dataset.js";
import { checkOptions } from "../src/check-options.js";
import { compressChunk, decompressChunk, describeStream, explainChunk } from "../src/index.js";
import { chooseJoint } from "../src/joint.js";
import { planArrays } from "../src/plan.js";
import { geometryOf } from "../src/predictors/mechanism/geometry.js";
import { findRelations } from "../src/predictors/mechanism/joint/order.js";
import { readHeader } from "../src/stream/header.js";
import { fills, makeArray, seeded } from "./support/fields.js";
import { decodeReference } from "./support/reference-decoder.js";
import { reseal } from "./support/reseal.js";

/** A field of a few random waves: smooth, and like no other of another seed. */
function waves(type: FloatType, shape: readonly number[], seed: number): FloatArray {
  const random = seeded(seed);
  const parts = Array.from({ length: 6 }, () => ({
    turns: shape.map(() => (random() - 0.5) * 1.2),
    phase: random() * 6,
    size: random() + 0.2,
  }));
  const values = makeArray(type, countOf(shape));
  const place = shape.map(() => 0);
  for (let i = 0; i < values.length; i++) {
    let rest = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis] = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    for (const { turns, phase, size } of parts) {
      values[i] += size * Math.sin(place.reduce((sum, at, axis) => sum + at * turns[axis], phase));
    }
  }
  return values;
}

/** Variables one after another, per block before their axis. */
function join(fields: readonly FloatArray[], steps = 1): FloatArray {
  const each = fields[0].length / steps;
  const values = makeArray(
    fields[0] instanceof Float32Array ? "float32" : "float64",
    fields.length * fields[0].length,
  );
  for (let step = 0; step < steps; step++) {
    fields.forEach((field, variable) => {
      const part = field.slice(step * each, (step + 1) * each);
      bytesOf(values).set(bytesOf(part), (step * fields.length + variable) * bytesOf(part).length);
    });
  }
  return values;
}

const typeOf = (values: FloatArray): FloatType =>
  values instanceof Float32Array ? "float32" : "float64";

async function roundTrip(values: FloatArray, shape: readonly number[], variableAxis: number) {
  const original = bytesOf(values).slice();
  const { bytes } = await compressChunk(values, shape, { variableAxis });
  const options = { dataType: typeOf(values), shape, where: "test" };
  const decoded = await decompressChunk(bytes, options);
  expect(Buffer.compare(bytesOf(decoded), original), "bits").toBe(0);
  return bytes;
}

const shape = [12, 14, 40];
/** E = -v x B of random v and B: vx vy vz Bx By Bz Ex Ey Ez. */
function electric(type: FloatType): FloatArray[] {
  const [v1, v2, v3, b1, b2, b3] = [1, 2, 3, 4, 5, 6].map((seed) => waves(type, shape, seed));
  const cross = (a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) =>
    a.map((value, i) => value * b[i] - c[i] * d[i]) as FloatArray;
  const e = [cross(v3, b2, v2, b3), cross(v1, b3, v3, b1), cross(v2, b1, v1, b2)];
  return [v1, v2, v3, b1, b2, b3, ...e];
}

/** A dataset in memory, `[step, z, y, x]`. */
function datasetOf(fields: Readonly<Record<string, FloatArray>>): Dataset {
  const whole = [1, ...shape];
  const dimensions = ["step", "z", "y", "x"];
  const variables = Object.entries(fields).map(
    ([name, values]): VariableSource => ({
      ...{ name, dataType: typeOf(values), shape: whole, dimensions, attributes: {} },
      readBox: async (box) => extractBox(typeOf(values), values, whole, box),
    }),
  );
  return new Dataset({
    ...{ format: "raw", location: "memory", groups: [], variables },
    dimensions: dimensions.map((name, axis) => ({ name, size: whole[axis] })),
    close: async () => {},
  });
}

const kernels = createEncoder();
const relationsOf = (fields: readonly FloatArray[]) =>
  findRelations(fields, geometryOf(shape), kernels) ?? [];

describe("laws", () => {
  test.each(["float32", "float64"] as const)("E = -v x B in %s, to the coefficient", (type) => {
    const relations = relationsOf(electric(type));
    const laws = relations.filter(({ law }) => law);
    expect(laws.map(({ variable }) => variable).sort()).toEqual([6, 7, 8]);
    // Decoded last, out of what is known by then.
    expect(relations.slice(-3)).toEqual(laws);
    const found = laws.find(({ variable }) => variable === 6)!.law!;
    expect([...found].sort((a, b) => a.factors[0] - b.factors[0])).toEqual([
      { coefficient: -1, factors: [1, 5] },
      { coefficient: 1, factors: [2, 4] },
    ]);
  });

  test("p = rho T, a kinetic energy, and a shift", () => {
    const rho = waves("float64", shape, 1).map((value) => value + 9);
    const heat = waves("float64", shape, 2).map((value) => value + 300);
    const [u, w] = [waves("float64", shape, 3), waves("float64", shape, 4)];
    const pressure = rho.map((value, i) => 287.05 * value * heat[i]);
    const energy = u.map((value, i) => 0.5 * (value * value + w[i] * w[i]));
    const celsius = heat.map((value) => value - 273.15);
    const relations = relationsOf([rho, heat, u, w, pressure, energy, celsius] as FloatArray[]);
    const lawOf = (variable: number) =>
      relations.find((relation) => relation.variable === variable)?.law;
    const kinetic = lawOf(5)!;
    expect([...kinetic].sort((a, b) => a.factors[0] - b.factors[0])).toEqual([
      { coefficient: 0.5, factors: [2, 2] },
      { coefficient: 0.5, factors: [3, 3] },
    ]);
    // Of heat in two units one is a law of the other, whichever comes first.
    expect(lawOf(1) ?? lawOf(6)).toBeDefined();
    const gas = lawOf(4)!;
    expect(gas.length).toBeLessThanOrEqual(2);
    expect(gas[0].coefficient).toBeCloseTo(287.05, 6);
  });

  test("none between independent variables", () => {
    const noise = [1, 2, 3, 4].map((seed) => {
      const random = seeded(seed);
      return makeArray("float32", countOf(shape)).map(() => random()) as FloatArray;
    });
    for (const { law, helpers } of relationsOf(noise)) {
      expect(law).toBeUndefined();
      expect(helpers).toEqual([]);
    }
    expect(
      relationsOf([6, 7, 8, 9].map((seed) => waves("float32", shape, seed))),
    ).not.toContainEqual(expect.objectContaining({ law: expect.anything() }));
  });
});

describe("joint storage", () => {
  const [v1, v2, v3, b1, b2, b3, e1, e2, e3] = electric("float32");
  const others = [11, 12, 13].map((seed) => waves("float32", shape, seed));

  test("takes what says enough of each other, and tells why", async () => {
    const dataset = datasetOf({ v1, v2, a: others[0], v3, b1, b2, b3, e1, e2, e3 });
    const [group, ...rest] = await chooseJoint(dataset, checkOptions({ joint: "auto" }));
    expect(rest).toEqual([]);
    expect(group.members.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["v1", "v2", "v3", "b1", "b2", "b3", "e1", "e2", "e3"]),
    );
    expect(group.saves).toBeGreaterThan(0.1);
    const [{ plan, members, relations }] = planArrays(dataset, checkOptions({}), [group]).filter(
      (array) => array.plan.joint,
    );
    expect(relations?.filter(({ law }) => law)).toHaveLength(3);
    expect(plan.joint?.members.map(({ name }) => name)).toEqual(members.map(({ name }) => name));
    // What the sample showed serves a chunk.
    const fields = await Promise.all(members.map((member) => member.readBox()));
    const values = join(fields as FloatArray[]);
    const all = [members.length, ...shape];
    const { bytes } = await compressChunk(values, all, { variableAxis: 0, relations });
    const decoded = await decompressChunk(bytes, {
      dataType: "float32",
      shape: all,
      where: "test",
    });
    expect(Buffer.compare(bytesOf(decoded), bytesOf(values))).toBe(0);
    expect(describeStream(bytes).variables?.filter(({ law }) => law)).toHaveLength(3);
  });

  test("leaves the others alone", async () => {
    const [a, b, c] = others;
    expect(await chooseJoint(datasetOf({ a, b, c }), checkOptions({}))).toEqual([]);
    expect(await chooseJoint(datasetOf({ v1, e1, b2 }), checkOptions({ joint: "never" }))).toEqual(
      [],
    );
    const [{ members }] = await chooseJoint(
      datasetOf({ a, b, c }),
      checkOptions({ joint: "always" }),
    );
    expect(members).toHaveLength(3);
  });
});

describe("joint chunks", () => {
  test.each(["float32", "float64"] as const)(
    "a law makes a variable nearly free: %s",
    async (type) => {
      const fields = electric(type);
      const bytes = await roundTrip(join(fields), [9, ...shape], 0);
      const { mode, variables } = describeStream(bytes);
      expect(mode).toBe("joint");
      expect(variables).toHaveLength(9);
      for (const { bytes: size, law } of variables!.slice(6)) {
        expect(law).toHaveLength(2);
        // What is left is the rounding of the factors.
        expect((8 * size) / fields[0].length).toBeLessThan(4);
      }
      expect(Buffer.compare(bytesOf(decodeReference(bytes)), bytesOf(join(fields)))).toBe(0);
      const explained = await explainChunk(bytes, {
        dataType: type,
        shape: [9, ...shape],
        where: "test",
      });
      expect(explained.picture.slice(6 * fields[0].length).every((bits) => bits < 12)).toBe(true);
    },
  );

  test("variables behind an axis of steps", async () => {
    const stepped = [3, 4, 10, 40];
    const a = waves("float32", stepped, 1);
    const b = waves("float32", stepped, 2);
    const product = a.map((value, i) => value * b[i]) as FloatArray;
    const values = join([product, a, b], 3);
    const bytes = await roundTrip(values, [3, 3, 4, 10, 40], 1);
    expect(describeStream(bytes).variables?.[0].law).toEqual([{ coefficient: 1, factors: [1, 2] }]);
    expect(Buffer.compare(bytesOf(decodeReference(bytes)), bytesOf(values))).toBe(0);
    await explainChunk(bytes, { dataType: "float32", shape: [3, 3, 4, 10, 40], where: "test" });
  });

  test.each(["float32", "float64"] as const)(
    "effort fast takes laws that say nearly all: %s",
    async (type) => {
      const fields = electric(type);
      const all = [9, ...shape];
      const relations = relationsOf(fields);
      const made = await compressChunk(join(fields), all, {
        ...{ variableAxis: 0, relations, effort: "fast" },
      });
      const { variables } = describeStream(made.bytes);
      expect(variables?.map(({ mode }) => mode)).toEqual([
        ...new Array(6).fill("packed"),
        ...new Array(3).fill("stencil"),
      ]);
      expect(Buffer.compare(bytesOf(decodeReference(made.bytes)), bytesOf(join(fields)))).toBe(0);
      // Land in the others; the law holds beside it, and then does not.
      fills["scaled integers with land"](fields[0], 40);
      const options = { dataType: type, shape: all, where: "test" };
      for (const effort of ["fast", "default", "max"] as const) {
        const { bytes } = await compressChunk(join(fields), all, {
          ...{ variableAxis: 0, relations, effort },
        });
        const decoded = await decompressChunk(bytes, options);
        expect(Buffer.compare(bytesOf(decoded), bytesOf(join(fields)))).toBe(0);
        await explainChunk(bytes, options);
      }
    },
  );

  const names = Object.keys(fills);
  test.each(["float32", "float64"] as const)(
    "every awkward field beside every other: %s",
    async (type) => {
      for (const inner of [[1009], [33, 8], [40, 21], [3, 7, 19], [2, 3, 5, 11], [2], [1, 3]]) {
        for (let k = 0; k < names.length; k += 3) {
          const fields = [0, 1, 2, 3].map((n) => {
            const field = makeArray(type, countOf(inner));
            fills[names[(k + n) % names.length]](field, inner[inner.length - 1]);
            return field;
          });
          // Sums of two, so that laws hold in part, and through what is not finite.
          fields.push(fields[0].map((value, i) => value + 2 * fields[1][i]) as FloatArray);
          fields.push(fields[2].map((value, i) => value * fields[3][i]) as FloatArray);
          const values = join(fields);
          const bytes = await roundTrip(values, [6, ...inner], 0);
          if (k % 2 === 0) {
            expect(Buffer.compare(bytesOf(decodeReference(bytes)), bytesOf(values))).toBe(0);
          }
        }
      }
    },
  );

  test("no variable, one variable, no values", async () => {
    await roundTrip(new Float32Array(0), [0, 4, 5], 0);
    await roundTrip(new Float32Array(0), [3, 0, 5], 0);
    await roundTrip(waves("float32", [1, 9, 9], 1), [1, 9, 9], 0);
  });
});

describe("hostile joint streams with valid checksums", () => {
  const decoder = createDecoder();
  const PRODUCT = [
    { variable: 0, helpers: [], gain: 0 },
    { variable: 1, helpers: [], gain: 0 },
    { variable: 2, law: [{ coefficient: 1, factors: [0, 1] }], helpers: [], gain: 16 },
  ];

  test.each([
    ["E = -v x B", 0, "default"],
    ["with land", 1, "default"],
    ["the mixed model inside", 1, "max"],
    ["packed blocks inside", 0, "fast"],
  ] as const)("%s", async (_, which, effort) => {
    const small = [4, 6, 20];
    const a = waves("float32", small, 1);
    const b = waves("float32", small, 2);
    if (which === 1) {
      fills["scaled integers with land"](a, 20);
      fills["fill values and NaN"](b, 20);
    }
    const fields = [a, b, a.map((value, i) => value * b[i]) as FloatArray];
    const { bytes: stream } = await compressChunk(join(fields), [3, ...small], {
      variableAxis: 0,
      effort,
      relations: effort === "fast" ? PRODUCT : undefined,
    });
    const plain = await decompressChunk(stream.slice(), {
      ...{ dataType: "float32", shape: [3, ...small], where: "test" },
    });
    expect(Buffer.compare(bytesOf(plain), bytesOf(join(fields)))).toBe(0);
    expect(describeStream(stream).mode).toBe("joint");
    const [side] = readHeader(stream, "test").sections;
    const count = 3 * countOf(small);
    const random = seeded(11);
    const started = performance.now();
    // The mixed model takes its time for every one.
    const slow = effort === "max";
    for (let round = 0; round < (slow ? 400 : 6000); round++) {
      const mutated = stream.slice();
      for (let k = 1 + Math.floor(random() * 4); k > 0; k--) {
        const within = random() < 0.8 ? side.length : stream.length - side.offset;
        mutated[side.offset + Math.floor(random() * within)] =
          random() < 0.5 ? Math.floor(random() * 256) : [0, 1, 255, 128][Math.floor(random() * 4)];
      }
      const { status } = decoder.decode(reseal(mutated), "float32", count);
      expect(status).toBeGreaterThanOrEqual(0);
      expect(status).toBeLessThanOrEqual(20);
    }
    for (let at = side.offset; at < side.offset + side.length; at++) {
      const interesting = [0, 1, 2, 3, 5, 6, 16, 17, 64, 65, 127, 128, 254, 255];
      for (const value of slow ? [255] : interesting) {
        const mutated = stream.slice();
        mutated[at] = value;
        expect(decoder.decode(reseal(mutated), "float32", count).status).toBeLessThanOrEqual(20);
      }
    }
    expect(performance.now() - started, "no mutation makes decoding slow").toBeLessThan(30_000);
  });

  test("orders that are none, fields not known yet, laws from nowhere", async () => {
    const fields = electric("float32");
    const { bytes: stream } = await compressChunk(join(fields), [9, ...shape], { variableAxis: 0 });
    const [side] = readHeader(stream, "test").sections;
    const decode = (bytes: Uint8Array) =>
      decoder.decode(reseal(bytes), "float32", 9 * countOf(shape)).status;
    expect(decode(stream.slice())).toBe(0);
    const set = (at: number, value: number) => {
      const bytes = stream.slice();
      bytes[side.offset + at] = value;
      return decode(bytes);
    };
    expect(set(0, 6), "a variable's mode outside a joint chunk").toBe(16);
    expect(set(1, 11), "steps that do not divide").not.toBe(0);
    expect(set(5, 8), "fewer variables").not.toBe(0);
    expect(set(5, 10), "more variables").not.toBe(0);
    expect(set(6, 9), "a variable that is not there").toBe(12);
    // The second entry: behind the first one's number, lengths and side information.
    const view = new DataView(stream.buffer, stream.byteOffset + side.offset);
    const second = 6 + 6 + 5 * view.getUint8(11) + view.getUint32(7, true);
    expect(set(second, view.getUint8(6)), "a variable twice").toBe(12);
    expect(set(12, 1), "side information inside a variable's sections").toBe(11);
    expect(set(13, 255), "more of a section than there is").not.toBe(0);
  });
});
