import { type FloatArray, floatTypeOf } from "@fieldzip/core";
import { readHeader, sectionKinds } from "@fieldzip/core/stream";
import {
  decodeClassesReference,
  decodeMaskReference,
  decodeRunsReference,
  networkReference,
  unpackBitsReference,
} from "@fieldzip/kernels/reference";
import { activityMap } from "../../../core/src/entropy/class-model.js";
import { parametersOfStored, readNeuralStream, type StoredModel } from "../../src/index.js";
import { layoutOfChunk } from "../../src/stream/chunk.js";
import { readSide } from "../../src/stream/read.js";

/**
 * A stream of predictor `neural` decoded by plain loops, straight from `spec/stream.md`, section 5: what the WebAssembly
 * decoder is held to. The network is one without padding, which finite numbers do not notice.
 */
export function decodeNeuralReference(stream: Uint8Array): FloatArray {
  const header = readHeader(stream, "reference");
  const { dataType, guarantee, shape: extents } = header;
  const side = readSide(stream, header, "reference");
  const { model } = readNeuralStream(stream);
  const layout = layoutOfChunk(extents, side.variableAxis)!;
  const count = layout.points * layout.variables;
  const section = (kind: number) => {
    const entry = header.sections.find((candidate) => candidate.kind === kind);
    return entry ? stream.slice(entry.offset, entry.offset + entry.length) : new Uint8Array(0);
  };
  const values = dataType === "float32" ? new Float32Array(count) : new Float64Array(count);
  const bytes = new Uint8Array(values.buffer);
  const size = values.BYTES_PER_ELEMENT;
  const geometry = { ...layout.box, bands: 1 as const };

  const special = new Uint8Array(count);
  let at = 0;
  const code = section(sectionKinds.mask);
  side.masks.forEach(({ form, length }, k) => {
    const own = code.slice(at, at + length);
    at += length;
    const mask =
      form === "runs" ? decodeRunsReference(own, count) : decodeMaskReference(own, geometry, count);
    for (let i = 0; i < count; i++) if (mask[i]) special[i] = k + 1;
  });

  let residuals = new Array<bigint>(count).fill(0n);
  if (side.model) {
    const contexts = {
      map: activityMap(side.model),
      frequencies: side.model.contexts.map(({ frequencies }) => frequencies),
    };
    const masked = special.map((number) => (number > 0 ? 1 : 0));
    const coded = section(sectionKinds.residualClasses);
    const classes = decodeClassesReference(coded, geometry, contexts, masked);
    residuals = unpackBitsReference(section(sectionKinds.residualBits), classes).map(BigInt);
  }

  const evaluate = evaluator(model, layout.lengths);
  const f = dataType === "float32" ? Math.fround : (x: number) => x;
  for (let point = 0; point < layout.points; point++) {
    const outputs = evaluate(point);
    let output = 0;
    side.variables.forEach((variable, v) => {
      const { inner, variables } = layout;
      const place = (Math.floor(point / inner) * variables + v) * inner + (point % inner);
      if (variable.kind === "constant") {
        bytes.set(variable.bits, place * size);
        return;
      }
      const { scale, offset } = variable.scaling;
      const scaled = f(f(outputs[output++] * f(scale)) + f(offset));
      const predicted = Number.isFinite(scaled) ? scaled : 0;
      const zigzag = residuals[place];
      const difference = zigzag & 1n ? -((zigzag + 1n) >> 1n) : zigzag >> 1n;
      if (guarantee === 0) putOrdered(values, place, predicted, difference);
      else if (guarantee === 1)
        values[place] = predicted + Number(difference) * (2 * variable.bound!);
      else values[place] = predicted;
    });
  }

  special.forEach((number, i) => {
    if (number > 0) bytes.set(side.masks[number - 1].pattern, i * size);
  });
  const exceptions = section(sectionKinds.exceptions);
  for (let from = 0, place = 0; from < exceptions.length; from += size) {
    for (let shift = 0; ; shift += 7) {
      const byte = exceptions[from++];
      place += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    bytes.set(exceptions.subarray(from, from + size), place * size);
  }
  return values;
}

function evaluator(model: StoredModel, lengths: readonly number[]) {
  const network = networkReference(model.shape, parametersOfStored(model));
  return (point: number) => {
    let rest = point;
    const coordinates = lengths.toReversed().map((length, k) => {
      const { low, total } = model.axes[lengths.length - 1 - k];
      const i = rest % length;
      rest = Math.floor(rest / length);
      return Math.fround((2 * (i + low)) / (total - 1) - 1);
    });
    return network.evaluate(coordinates.reverse());
  };
}

/** The value whose ordered integer is that of `predicted` plus `difference`. */
function putOrdered(to: FloatArray, place: number, predicted: number, difference: bigint): void {
  const width = floatTypeOf(to) === "float32" ? 32 : 64;
  const flip = (bits: bigint) => (bits < 0n ? bits ^ ((1n << BigInt(width - 1)) - 1n) : bits);
  const words =
    width === 32
      ? new Int32Array(to.buffer, to.byteOffset, to.length)
      : new BigInt64Array(to.buffer, to.byteOffset, to.length);
  to[place] = predicted;
  const ordered = BigInt.asIntN(width, flip(BigInt(words[place])) + difference);
  if (words instanceof Int32Array) words[place] = Number(flip(ordered));
  else words[place] = flip(ordered);
}
