import type { FloatType } from "@fieldzip/core";
import { encodeNeuralStream, layoutOfChunk, type StreamGuarantee } from "../../src/index.js";
import { type Format, modelFor } from "./models.js";

/** Streams that between them have every part that a stream can have. */
export interface Example {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: FloatType;
  readonly bytes: Uint8Array;
}

interface Recipe {
  readonly shape: readonly number[];
  readonly variableAxis?: number;
  readonly outputs?: readonly number[];
  readonly type: FloatType;
  readonly guarantee: StreamGuarantee;
  readonly kind: "grid" | "fourier";
  readonly formats: readonly Format[];
}

const recipes: readonly Recipe[] = [
  {
    ...{ shape: [40], type: "float32", guarantee: { kind: "exact" } },
    ...{ kind: "fourier", formats: ["float32"] },
  },
  {
    ...{ shape: [12, 17], type: "float32", guarantee: { kind: "best-effort" } },
    ...{ kind: "grid", formats: ["oneStep", "float16"] },
  },
  {
    ...{ shape: [3, 5, 6, 7], variableAxis: 0, outputs: [0, 2], type: "float64" },
    ...{ guarantee: { kind: "bounded", bounds: [0.1, 0.1, 0.01] } },
    ...{ kind: "grid", formats: ["manySteps"] },
  },
  {
    ...{ shape: [2, 3, 4, 5, 6], variableAxis: 1, type: "float32" },
    ...{ guarantee: { kind: "exact" }, kind: "grid", formats: ["oneStep", "float32"] },
  },
];

export function examples(): Example[] {
  return recipes.map(({ shape, variableAxis, outputs, type, guarantee, kind, formats }) => {
    const layout = layoutOfChunk(shape, variableAxis)!;
    const dimensions = layout.lengths.length;
    const count = layout.points * layout.variables;
    const values = type === "float32" ? new Float32Array(count) : new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const variable = Math.floor(i / layout.inner) % layout.variables;
      values[i] = outputs && !outputs.includes(variable) ? 3 : Math.sin(i / 7) + variable;
      if (i % 11 === 5) values[i] = Number.NaN;
      if (i % 37 === 6) values[i] = 1e20;
    }
    values[1] = Number.POSITIVE_INFINITY;
    const model = modelFor(layout.lengths, {
      shape: {
        ...{ dimensions, outputs: outputs?.length ?? layout.variables, activation: "smooth" },
        levels:
          kind === "grid" ? [{ features: 3, nodes: layout.lengths.map((n) => (n >> 1) + 1) }] : [],
        ...{ mapping: "learned", frequencies: 5, widths: [9, 8], firstBias: kind === "grid" },
      },
      ...{ formats, seed: 5, ghosts: layout.lengths.map((_, axis) => axis % 2) },
    });
    const fillValues = [1e20];
    const { bytes } = encodeNeuralStream({
      ...{ values, shape, variableAxis, outputs, model, guarantee, fillValues },
    });
    const name = `${shape.join(" x ")} ${type} ${guarantee.kind} ${kind}`;
    return { name, shape, type, bytes };
  });
}
