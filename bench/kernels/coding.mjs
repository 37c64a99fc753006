/** A whole chunk through the codec as it is, its time split by watching the calls into the encoder's kernels. */
import { compressChunk, decompressChunk } from "@fieldzip/core";
import { createEncoder } from "@fieldzip/kernels";
import { mechanism } from "./chunk.mjs";

/** What the time spent inside a call into the encoder counts as. */
const inside = {
  open: "values into WebAssembly",
  fillMasked: "mask and copies",
  findCopies: "mask and copies",
  samples: "fit: gather samples",
  reweighted: "fit: errors, weights, normal equations",
  logarithms: "fit: judging",
  predict: "predict: stencil, residuals, classes",
  packBits: "residual bits, their checksum, copy out",
  count: "count classes by activity",
  encodeClasses: "range coder, checksum, copy out",
  encodeMask: "mask and copies",
  encodeCopies: "mask and copies",
};

/** And the time between two calls, by the call before and the one after. */
function between(before, after) {
  if (after === "open") return "look for a mask, lattices, copies";
  if (before === "reweighted") return "fit: solve";
  if (before === "samples" || before === "logarithms") return "fit: the rest";
  if (before === "count") return "class model";
  if (before === "encodeClasses") return "side information";
  return "rest";
}

/** Milliseconds by stage of one encoding by `mechanism`. */
function encodeByStage(values, shape, encoder) {
  const spent = {};
  const charge = (stage, milliseconds) => {
    spent[stage] = (spent[stage] ?? 0) + milliseconds;
  };
  let [last, since] = ["start", performance.now()];
  const watch = (object) =>
    Object.fromEntries(
      Object.entries(object).map(([name, call]) =>
        typeof call === "function" ? [name, timed(name, call)] : [name, call],
      ),
    );
  const timed =
    (name, call) =>
    (...args) => {
      const start = performance.now();
      charge(between(last, name), start - since);
      const result = call(...args);
      since = performance.now();
      charge(inside[name] ?? name, since - start);
      last = name;
      return name === "samples" || name === "open" ? watch(result) : result;
    };
  mechanism.encode(values, shape, watch(encoder), { effort: "default" });
  charge(between(last, "end"), performance.now() - since);
  return spent;
}

export function openCoding({ values, shape }) {
  const encoder = createEncoder();
  let stream;
  return {
    /** Milliseconds of one whole encoding and of its stages. */
    async encode() {
      const start = performance.now();
      stream = (await compressChunk(values, shape)).bytes;
      const whole = performance.now() - start;
      const stages = encodeByStage(values, shape, encoder);
      return { whole, stages };
    },
    /** Milliseconds of one whole decoding. */
    async decode() {
      const dataType = values instanceof Float32Array ? "float32" : "float64";
      const start = performance.now();
      const decoded = await decompressChunk(stream, { dataType, shape, where: "the chunk" });
      const whole = performance.now() - start;
      if (
        Buffer.compare(
          Buffer.from(decoded.buffer),
          Buffer.from(values.buffer, values.byteOffset, values.byteLength),
        ) !== 0
      )
        throw new Error("decoded bytes differ from the original");
      return whole;
    },
    bytes: () => stream.length,
  };
}
