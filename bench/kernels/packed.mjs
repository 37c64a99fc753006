/** Effort `fast` (mode 3 of `mechanism`): the chunk through the codec, and the stages of both ways. */
import { compressChunk, decompressChunk, describeStream } from "@fieldzip/core";
import { bandHeight, createEncoder } from "@fieldzip/kernels";
import { median } from "../machine.mjs";
import { mechanism } from "./chunk.mjs";
import { plansOf } from "./layout.mjs";
import { compileStages } from "./stages.mjs";

const effort = "fast";

/** What the time inside a call into the encoder counts as. */
const inside = {
  openPacked: "values into WebAssembly",
  samples: "fit",
  reweighted: "fit",
  logarithms: "fit",
  mask: "look for a mask, lattices",
  toIndices: "look for a mask, lattices",
  pack: "pack",
};

/** And the time before one, by its name. */
function before(name) {
  if (name === "openPacked") return "all else (stream, garbage collection)";
  if (name === "fill" || name === "mask" || name === "toIndices")
    return "look for a mask, lattices";
  return name === "end" ? "all else (stream, garbage collection)" : "fit";
}

/** Milliseconds of one encoding by stage, and what it passed: geometry, plan, the section. */
function encodeByStage({ values, shape }, encoder) {
  const spent = {};
  const caught = {};
  let since = performance.now();
  const charge = (stage, milliseconds) => {
    spent[stage] = (spent[stage] ?? 0) + milliseconds;
  };
  const watch = (object) =>
    Object.fromEntries(
      Object.entries(object).map(([name, call]) => [
        name,
        typeof call === "function" ? timed(name, call) : call,
      ]),
    );
  const timed =
    (name, call) =>
    (...args) => {
      const start = performance.now();
      charge(before(name), start - since);
      const result = call(...args);
      since = performance.now();
      charge(inside[name] ?? "fit", since - start);
      if (name === "openPacked") caught.geometry = args[1];
      if (name === "pack") Object.assign(caught, { plan: args[0], section: result.bytes });
      return name === "samples" || name === "openPacked" ? watch(result) : result;
    };
  mechanism.encode(values, shape, watch(encoder), { effort });
  charge(before("end"), performance.now() - since);
  return { spent, caught };
}

/** Everything about effort `fast`, medians of `repetitions`; times in milliseconds. */
export async function measurePacked(chunk, repetitions, folder) {
  const encoder = createEncoder();
  const { values, shape } = chunk;
  const turns = {
    encode: [],
    decode: [],
    stages: [],
    sums: [],
    residuals: [],
    blocks: [],
    crc: [],
  };
  const { caught } = encodeByStage(chunk, encoder);
  const kernels = await openKernels(values, { ...caught, section: caught.section.slice() }, folder);
  const timed = async (list, call) => {
    const start = performance.now();
    const result = await call();
    list.push(performance.now() - start);
    return result;
  };
  let stream;
  for (let turn = 0; turn < repetitions + 8; turn++) {
    // The first turns warm up.
    if (turn === 8) for (const list of Object.values(turns)) list.length = 0;
    stream = (await timed(turns.encode, () => compressChunk(values, shape, { effort }))).bytes;
    const decoded = await timed(turns.decode, () =>
      decompressChunk(stream, { dataType: "float32", shape, where: "the chunk" }),
    );
    if (Buffer.compare(Buffer.from(decoded.buffer), bufferOf(values)) !== 0)
      throw new Error("effort fast: decoded bytes differ from the original");
    turns.stages.push(encodeByStage(chunk, encoder).spent);
    await timed(turns.sums, kernels.sums);
    await timed(turns.residuals, kernels.residuals);
    await timed(turns.blocks, kernels.blocks);
    await timed(turns.crc, kernels.checksum);
  }
  const of = (name) => median(turns[name]);
  const encode = of("encode");
  const decode = of("decode");
  const stage = (name) => median(turns.stages.map((spent) => spent[name] ?? 0));
  const encodeStages = {
    "look for a mask, lattices": stage("look for a mask, lattices"),
    fit: stage("fit"),
    "values into WebAssembly": stage("values into WebAssembly"),
    "sums of the rows": of("sums"),
    residuals: of("residuals") - of("sums"),
    "pack blocks": stage("pack") - of("residuals") - of("crc"),
    checksum: of("crc"),
  };
  const decodeStages = {
    checksum: of("crc"),
    "read blocks": of("blocks"),
    "sums of the rows": of("sums"),
  };
  return {
    bytes: stream.length,
    equation: describeStream(stream).equation,
    encode: withRest(encode, encodeStages, "all else (stream, garbage collection)"),
    decode: withRest(decode, decodeStages, "restore rows; copies in and out; all else"),
  };
}

function withRest(milliseconds, stages, rest) {
  const named = Object.values(stages).reduce((sum, value) => sum + value, 0);
  return { milliseconds, stages: { ...stages, [rest]: milliseconds - named } };
}

function bufferOf(values) {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** The kernels that the stages consist of, over the whole chunk. */
async function openKernels(values, { geometry, plan, section }, folder) {
  const wasm = await compileStages("packed-stages", folder);
  const { outer, depth, height, width } = geometry;
  const plans = plansOf(plan);
  let free = wasm.heap() + 256;
  const reserve = (bytes) => {
    const at = Math.ceil(free / 64) * 64;
    free = at + bytes + 512;
    return at;
  };
  const at = {
    values: reserve(values.byteLength),
    plans: reserve(plans.length),
    section: reserve(section.length),
    sums: reserve(4 * width),
    row: reserve(4 * width),
    widths: reserve(values.length / 16),
    to: reserve(values.byteLength),
  };
  wasm.memory.grow(Math.ceil((free - wasm.memory.buffer.byteLength) / 65536) + 1);
  const memory = new Uint8Array(wasm.memory.buffer);
  memory.set(bufferOf(values), at.values);
  memory.set(plans, at.plans);
  memory.set(section, at.section);
  wasm.buildCrcTables();
  wasm.buildUnaryTable();
  const box = [outer, depth, height, width, bandHeight(geometry)];
  return {
    sums: () => wasm.predictPacked(at.values, at.plans, ...box, at.sums, 0),
    residuals: () => wasm.predictPacked(at.values, at.plans, ...box, at.sums, at.row),
    blocks() {
      if (!wasm.readSection(at.section, section.length, values.length, at.widths, at.to))
        throw new Error("the stage alone refuses what the codec made");
    },
    checksum: () => wasm.crc32c(at.section, section.length),
  };
}
