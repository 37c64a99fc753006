// node scripts/freeze.mjs: adds what is missing to the frozen files of the current stream version in
// fixtures/frozen. What is there already is never written again: later releases must decode it.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compressChunk, decompressChunk } from "@fieldzip/core";
import { compress, openDataset } from "fieldzip";
import { neuralStreams } from "./freeze-neural.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "fixtures/frozen/v1");
const manifestFile = join(folder, "manifest.json");
mkdirSync(folder, { recursive: true });

const sha256 = (data) =>
  createHash("sha256")
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex");

const wave = (type, shape) => {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const values = new (type === "float32" ? Float32Array : Float64Array)(count);
  for (let i = 0; i < count; i++) values[i] = Math.sin(i / 9) + ((i * 7919) % 101) / 5000;
  return values;
};
const patterns = (type, count) => {
  const words = new Uint32Array(type === "float32" ? count : 2 * count);
  let state = 1;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[i] = i % 5 === 0 ? (state | 0x7f800000) >>> 0 : i % 5 === 1 ? state & 0x807fffff : state;
  }
  return type === "float32" ? new Float32Array(words.buffer) : new Float64Array(words.buffer);
};

const manifest = existsSync(manifestFile) ? JSON.parse(readFileSync(manifestFile, "utf8")) : [];
const isFrozen = (file) => manifest.some((entry) => entry.file === file);

async function freeze(name, values, shape, predictor, options = {}) {
  if (isFrozen(`${name}.fzs`)) return;
  const { bytes, predictor: used } = await compressChunk(values, shape, { predictor, ...options });
  await add(name, bytes, values, shape, used);
}

/** The checksum is that of what comes back: of the values themselves, unless they may be off. */
async function add(name, bytes, values, shape, predictor) {
  const dataType = values instanceof Float32Array ? "float32" : "float64";
  const decoded = await decompressChunk(bytes, { dataType, shape, where: name });
  const exact = bytes[6] === 0;
  if (exact && sha256(decoded) !== sha256(values)) throw new Error(`${name} does not come back`);
  writeFileSync(join(folder, `${name}.fzs`), bytes);
  manifest.push({ file: `${name}.fzs`, dataType, shape, predictor, sha256: sha256(decoded) });
}

for (const type of ["float32", "float64"]) {
  const bits = type.slice(5);
  await freeze(`wave-1d-${bits}`, wave(type, [700]), [700], "mechanism");
  await freeze(`wave-2d-${bits}`, wave(type, [37, 53]), [37, 53], "mechanism");
  await freeze(`wave-3d-${bits}`, wave(type, [7, 11, 19]), [7, 11, 19], "mechanism");
  await freeze(`wave-4d-${bits}`, wave(type, [3, 4, 5, 23]), [3, 4, 5, 23], "mechanism");
  await freeze(`raw-${bits}`, wave(type, [40]), [4, 10], "raw");
  await freeze(`patterns-${bits}`, patterns(type, 600), [20, 30], "auto");
  await freeze(
    `constant-${bits}`,
    patterns(type, 1).constructor.from({ length: 60 }, () => -0),
    [3, 4, 5],
    "auto",
  );
}
// Predictable but for stray NaN payloads, infinities and signed zeros: patterns that mechanism keeps.
const spoiled = wave("float32", [24, 40]);
new Uint32Array(spoiled.buffer).set(
  [0x7fc00001, 0xff800001, 0x7f800000, 0x80000000, 1, 0xffffffff],
  333,
);
await freeze("spoiled-2d-32", spoiled, [24, 40], "mechanism");

// What values are when they are not plain floats: masks, lattices, both, and exceptions.
const mapped = (type, shape, index) => {
  const values = wave(type, shape);
  for (let i = 0; i < values.length; i++) values[i] = index(values[i], i);
  return values;
};
for (const type of ["float32", "float64"]) {
  const bits = type.slice(5);
  const shape = [3, 25, 41];
  const land = (i) => (i % 41) + (Math.floor(i / 41) % 25) > 45;
  await freeze(
    `mask-${bits}`,
    mapped(type, shape, (v, i) => (land(i) ? 1e20 : v)),
    shape,
    "mechanism",
  );
  await freeze(
    `decimals-${bits}`,
    mapped(type, shape, (v) => Math.round(v * 100) / 100),
    shape,
    "mechanism",
  );
  const packed = (v, i) => (i % 997 === 5 ? Math.PI : 271.15 + Math.round(v * 500) * 0.00390625);
  await freeze(`lattice-exceptions-${bits}`, mapped(type, shape, packed), shape, "mechanism");
  const both = (v, i) => (land(i) ? Number.NaN : Math.round(v * 1000) / 8);
  await freeze(`mask-lattice-${bits}`, mapped(type, shape, both), shape, "mechanism");
}

for (const type of ["float32", "float64"]) {
  const corner = (i) => Math.floor(i / 4) + [0, 1, 1, 0][i % 4];
  const copied = (_v, i) => (i % 53 === 0 ? 1e20 : Math.sqrt(2 + ((corner(i) * 7919) % 1009)));
  const shape = [20, 25, 4];
  await freeze(`copies-${type.slice(5)}`, mapped(type, shape, copied), shape, "mechanism");
}

// The published method: a prime width, land, and a width that goes through Bluestein's transform.
for (const type of ["float32", "float64"]) {
  const smooth = (at, width) => Math.round(4096 * Math.sin((at % width) / 7)) / 4096 + at / 2 ** 12;
  for (const shape of [
    [2, 23, 37],
    [19, 67],
  ]) {
    const width = shape.at(-1);
    const solved = (_, i) => (shape.length > 2 && i % 29 < 4 ? 1e20 : smooth(i, width));
    const name = `solve-${shape.length}d-${type.slice(5)}`;
    await freeze(name, mapped(type, shape, solved), shape, "mechanism-solve");
  }
}

// The other efforts, over all kinds of values.
for (const effort of ["fast", "max"]) {
  for (const type of ["float32", "float64"]) {
    const name = (kind) => `${effort}-${kind}-${type.slice(5)}`;
    const add = (kind, shape, index) =>
      freeze(name(kind), mapped(type, shape, index), shape, "mechanism", { effort });
    const land = (i) => (i % 41) + (Math.floor(i / 41) % 25) > 45;
    await add("wave-1d", [700], (v) => v);
    await add("wave-2d", [37, 53], (v) => v);
    await add("wave-3d", [7, 11, 19], (v) => v);
    await add("wave-4d", [3, 4, 5, 23], (v) => v);
    await add("mask", [3, 25, 41], (v, i) => (land(i) ? 1e20 : v));
    await add("lattice-exceptions", [3, 25, 41], (v, i) =>
      i % 997 === 5 ? Math.PI : 271.15 + Math.round(v * 500) * 0.00390625,
    );
    await add("mask-lattice", [3, 25, 41], (v, i) =>
      land(i) ? Number.NaN : Math.round(v * 99) / 8,
    );
    await add("repeats", [20, 100], (_, i) => Math.sqrt(2 + ((Math.floor(i / 4) * 7919) % 1009)));
  }
}

// Laws: variables 2 and 3 follow from 0 and 1.
for (const type of ["float32", "float64"]) {
  const shape = [4, 5, 12, 20];
  const points = 5 * 12 * 20;
  const base = wave(type, shape);
  const law = (_, i) => {
    const [a, b] = [base[i % points], base[points + ((3 * i) % points)] + 1];
    return [base[i], b, a * b, 3 * a - 0.5 * b][Math.floor(i / points)];
  };
  const options = { variableAxis: 0 };
  await freeze(`laws-${type.slice(5)}`, mapped(type, shape, law), shape, "mechanism", options);
}

// Within bounds: values on lattices of an effort's own, fill values and NaN beside them.
for (const effort of ["fast", "default", "max"]) {
  for (const type of ["float32", "float64"]) {
    const shape = [3, 4, 11, 23];
    const values = mapped(type, shape, (v, i) =>
      i % 97 < 9 ? 1e20 : i % 389 === 5 ? Number.NaN : v * [1, 100][Math.floor(i / 253) % 2],
    );
    const bounds = { byVariable: [0.01, 2, 1e-4, 0], fillValues: [1e20] };
    const options = { effort, variableAxis: 1, bounds };
    await freeze(`bounded-${effort}-${type.slice(5)}`, values, shape, "mechanism", options);
  }
}

for (const { name, values, shape, bytes } of await neuralStreams(isFrozen)) {
  await add(name, bytes, values, shape, "neural");
}

// Whole archives, each of a fixture that it must still equal, or be as near to as it promises.
const tiny = { network: { kind: "grid", width: 16, levels: [{ spacing: 4, features: 4 }] } };
const near = { kind: "bounded", bound: 0.01, boundKind: "range" };
const archives = [
  ["wrf_tip_d2.zarr.zip", "fixtures/netcdf/wrf_tip_d2.nc", {}],
  ["navy_winds_small.zarr.zip", "fixtures/netcdf/navy_winds_small_cdf5.nc", { chunkValues: 1000 }],
  ["kelvin-helmholtz-joint.zarr.zip", "fixtures/pluto/kelvin-helmholtz", { joint: "always" }],
  ["kelvin-helmholtz-laws.zarr.zip", "fixtures/pluto/kelvin-helmholtz", { joint: "always" }],
  ["kelvin-helmholtz-fast.zarr.zip", "fixtures/pluto/kelvin-helmholtz", { effort: "fast" }],
  ["kelvin-helmholtz-max.zarr.zip", "fixtures/pluto/kelvin-helmholtz", { effort: "max" }],
  [
    "kelvin-helmholtz-neural.zarr.zip",
    "fixtures/pluto/kelvin-helmholtz",
    { predictor: "neural", guarantee: near, settings: tiny, chunkValues: 20_000 },
  ],
];
for (const [name, original, options] of archives) {
  if (isFrozen(name)) continue;
  const dataset = await openDataset(join(root, original));
  await compress(dataset, join(folder, name), options);
  await dataset.close();
  manifest.push({ file: name, original, guarantee: options.guarantee });
}
writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
